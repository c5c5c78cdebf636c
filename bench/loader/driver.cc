#include "bench/loader/driver.h"

#include <fmt/format.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>

#include "coffer/base/check.h"

#include "bench/loader/connection.h"
#include "bench/loader/process_cpu.h"

namespace coffer::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr uint64_t kMostErrors = 1000;

class Driver {
  public:
    Driver(Workload& workload, const DriveOptions& options)
        : workload_(workload), options_(options), buffer_(256_KiB) {
        report_.kinds.resize(workload.kinds().size());
    }
    ~Driver() {
        if (epoll_ >= 0) ::close(epoll_);
    }

    Result<DriveReport> Run();

  private:
    struct Slot {
        explicit Slot(uint16_t port) : connection(port) {}
        Connection connection;
        Clock::time_point due;
        bool watched_for_writing = false;
    };

    Result<> Connect(size_t index);
    Result<> Dispatch();
    Result<> Watch(size_t index);
    Result<> OnReady(size_t index, uint32_t events);
    void OnAnswer(size_t index);
    Result<> Wait();
    void TurnWindow(Clock::time_point now);
    void EndWindow(Clock::time_point now);
    Clock::time_point DueTime(uint64_t arrival) const;

    Workload& workload_;
    const DriveOptions& options_;
    std::vector<char> buffer_;
    std::vector<std::unique_ptr<Slot>> slots_;
    std::vector<size_t> idle_;
    int epoll_ = -1;

    Clock::time_point start_;
    Clock::time_point last_answer_;
    Clock::time_point window_start_;
    uint64_t arrivals_ = 0;
    bool measuring_ = false;
    bool ended_ = false;  // the workload
    bool over_ = false;   // the time
    uint64_t listed_before_ = 0;
    double server_cpu_before_ = 0;
    double loader_cpu_before_ = 0;
    DriveReport report_;
};

Result<DriveReport> Driver::Run() {
    epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
    if (epoll_ < 0) return ErrnoError(errno, "epoll_create");
    for (size_t i = 0; i < options_.connections; ++i) {
        slots_.push_back(std::make_unique<Slot>(options_.port));
        TRY(Connect(i));
        idle_.push_back(i);
    }
    start_ = last_answer_ = Clock::now();
    TurnWindow(start_);
    TRY(Dispatch());
    while (!over_ && !(ended_ && idle_.size() == slots_.size())) {
        TRY(Wait());
        if (report_.errors >= kMostErrors) break;
    }
    if (!over_) {
        report_.ended_early = options_.measured.count() > 0;
        over_ = true;
        if (measuring_) EndWindow(last_answer_);
    }
    return std::move(report_);
}

Result<> Driver::Connect(size_t index) {
    Slot& slot = *slots_[index];
    TRY(slot.connection.Connect());
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = index;
    slot.watched_for_writing = false;
    if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, slot.connection.fd(), &event) != 0) {
        return ErrnoError(errno, "epoll_ctl");
    }
    return Ok();
}

Clock::time_point Driver::DueTime(uint64_t arrival) const {
    return start_ + std::chrono::nanoseconds(static_cast<int64_t>(static_cast<double>(arrival) /
                                                                  options_.rate_per_s * 1e9));
}

// Sends on connections that are idle as long as something is due.
Result<> Driver::Dispatch() {
    while (!idle_.empty() && !ended_) {
        const Clock::time_point now = Clock::now();
        Clock::time_point due = now;
        if (options_.rate_per_s > 0) {
            due = DueTime(arrivals_);
            if (due > now) return Ok();
        }
        const size_t index = idle_.back();
        Request request;
        const Workload::Turn turn = workload_.Next(index, &request);
        if (turn == Workload::Turn::kWait) {
            COFFER_CHECK(idle_.size() < slots_.size());  // something must be under way to wait for
            return Ok();
        }
        if (turn == Workload::Turn::kEnd) {
            ended_ = true;
            return Ok();
        }
        idle_.pop_back();
        ++arrivals_;
        slots_[index]->due = due;
        TRY(slots_[index]->connection.Send(request));
        TRY(Watch(index));
    }
    return Ok();
}

// Asks to be told when the connection is writable, only while it has something to send.
Result<> Driver::Watch(size_t index) {
    Slot& slot = *slots_[index];
    if (slot.connection.sending() == slot.watched_for_writing) return Ok();
    slot.watched_for_writing = slot.connection.sending();
    epoll_event event{};
    event.events = EPOLLIN | (slot.watched_for_writing ? uint32_t{EPOLLOUT} : 0);
    event.data.u64 = index;
    if (::epoll_ctl(epoll_, EPOLL_CTL_MOD, slot.connection.fd(), &event) != 0) {
        return ErrnoError(errno, "epoll_ctl");
    }
    return Ok();
}

// Begins or ends the measured time, when it is time to.
void Driver::TurnWindow(Clock::time_point now) {
    if (!measuring_ && now >= start_ + options_.warm_up) {
        measuring_ = true;
        window_start_ = now;
        listed_before_ = workload_.listed();
        server_cpu_before_ = ProcessorSeconds(options_.server_pids);
        loader_cpu_before_ = OwnProcessorSeconds();
    }
    if (measuring_ && options_.measured.count() > 0 && now >= window_start_ + options_.measured) {
        over_ = true;
        EndWindow(now);
    }
}

void Driver::EndWindow(Clock::time_point now) {
    report_.seconds = std::chrono::duration<double>(now - window_start_).count();
    report_.listed = workload_.listed() - listed_before_;
    report_.server_cpu_s = ProcessorSeconds(options_.server_pids) - server_cpu_before_;
    report_.loader_cpu_s = OwnProcessorSeconds() - loader_cpu_before_;
}

Result<> Driver::Wait() {
    Clock::time_point until = Clock::now() + std::chrono::seconds(1);
    if (!measuring_) until = std::min(until, start_ + options_.warm_up);
    if (measuring_ && options_.measured.count() > 0) {
        until = std::min(until, window_start_ + options_.measured);
    }
    if (options_.rate_per_s > 0 && !idle_.empty()) until = std::min(until, DueTime(arrivals_));
    const auto left =
        std::max(std::chrono::nanoseconds(0), std::chrono::nanoseconds(until - Clock::now()));
    const timespec timeout = {left.count() / 1'000'000'000, left.count() % 1'000'000'000};
    std::array<epoll_event, 64> events;
    const int ready = ::epoll_pwait2(epoll_, events.data(), events.size(), &timeout, nullptr);
    if (ready < 0 && errno != EINTR) return ErrnoError(errno, "epoll_wait");
    TurnWindow(Clock::now());
    for (int i = 0; i < ready && !over_; ++i) {
        TRY(OnReady(events[static_cast<size_t>(i)].data.u64,
                    events[static_cast<size_t>(i)].events));
    }
    return over_ ? Ok() : Dispatch();
}

Result<> Driver::OnReady(size_t index, uint32_t events) {
    Connection& connection = slots_[index]->connection;
    if ((events & EPOLLOUT) != 0) {
        TRY(connection.ContinueSending());
        TRY(Watch(index));
    }
    if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) == 0) return Ok();
    TRY(const Connection::Progress progress, connection.Receive(buffer_));
    if (progress == Connection::Progress::kIncomplete) return Ok();
    if (progress == Connection::Progress::kClosed) {
        if (++report_.reconnects > kMostErrors) {
            return Error(ErrorKind::kClosed, "the server ends its connections");
        }
        const bool busy = std::ranges::find(idle_, index) == idle_.end();
        const Request request = connection.request();
        TRY(Connect(index));
        if (!busy) return Ok();
        TRY(connection.Send(request));
        return Watch(index);
    }
    OnAnswer(index);
    if (connection.answer().closes()) {
        TRY(Connect(index));
    }
    idle_.push_back(index);
    return Dispatch();
}

void Driver::OnAnswer(size_t index) {
    const Slot& slot = *slots_[index];
    const Request& request = slot.connection.request();
    const ResponseReader& answer = slot.connection.answer();
    last_answer_ = Clock::now();
    if (!workload_.Done(index, request, answer)) {
        if (report_.errors++ == 0) {
            report_.first_error =
                fmt::format("{}: {}", answer.status(), answer.kept().substr(0, 512));
        }
        return;
    }
    if (!measuring_) return;
    KindReport& kind = report_.kinds[request.kind];
    kind.latency_ns.Record(static_cast<uint64_t>(
        std::chrono::duration_cast<std::chrono::nanoseconds>(last_answer_ - slot.due).count()));
    kind.sent_bytes += request.body.size() + request.tail_bytes;
    kind.received_bytes += answer.body_bytes();
}

}  // namespace

Result<DriveReport> Drive(Workload& workload, const DriveOptions& options) {
    return Driver(workload, options).Run();
}

}  // namespace coffer::bench

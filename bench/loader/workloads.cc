#include "bench/loader/workloads.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <random>

namespace coffer::bench {
namespace {

// The finaliser of SplitMix64: each number becomes another one, and no two the same.
uint64_t Scatter(uint64_t number) {
    number += 0x9e3779b97f4a7c15;
    number = (number ^ (number >> 30)) * 0xbf58476d1ce4e5b9;
    number = (number ^ (number >> 27)) * 0x94d049bb133111eb;
    return number ^ (number >> 31);
}

class Puts final : public Workload {
  public:
    Puts(const RequestSigner& signer, const Content& content, const ObjectRange& range,
         const PutOptions& options)
        : content_(content), first_(range.first), step_(options.same_content ? 0 : 1) {
        heads_.reserve(range.count);
        for (uint64_t i = 0; i < range.count; ++i) {
            heads_.push_back(
                signer.Head("PUT", range.keys.Path(first_ + i), "",
                            options.sign_payload ? content.Sha256Of(BodyOf(i)) : kUnsignedPayload,
                            content.size()));
        }
    }

    std::vector<std::string_view> kinds() const override { return {"put"}; }

    Turn Next(size_t /*connection*/, Request* request) override {
        if (next_ == heads_.size()) return Turn::kEnd;
        request->head = heads_[next_];
        request->body = content_.common();
        request->tail = content_.TailOf(BodyOf(next_));
        request->tail_bytes = Content::kTailBytes;
        ++next_;
        return Turn::kSend;
    }

    bool Done(size_t /*connection*/, const Request& /*request*/,
              const ResponseReader& answer) override {
        // A file server that knows DAV says 201 or 204.
        return answer.status() == 200 || answer.status() == 201 || answer.status() == 204;
    }

  private:
    uint64_t BodyOf(uint64_t index) const { return first_ + index * step_; }

    const Content& content_;
    const uint64_t first_;
    const uint64_t step_;  // from one body's number to the next one's
    std::vector<std::string> heads_;
    size_t next_ = 0;
};

class Reads final : public Workload {
  public:
    // `content` is null for HEAD.
    Reads(const RequestSigner& signer, const Content* content, const ObjectRange& range,
          const GetOptions& options)
        : content_(content), options_(options), first_(range.first), order_(range.count) {
        for (uint64_t i = range.first; i < range.first + range.count; ++i) {
            heads_.push_back(signer.Head(content != nullptr ? "GET" : "HEAD", range.keys.Path(i),
                                         "", kEmptySha256, 0));
        }
        std::iota(order_.begin(), order_.end(), size_t{0});
        std::ranges::shuffle(order_, std::mt19937_64(1));
    }

    std::vector<std::string_view> kinds() const override {
        return {content_ != nullptr ? "get" : "head"};
    }

    Turn Next(size_t /*connection*/, Request* request) override {
        if (next_ == order_.size()) {
            if (options_.once) return Turn::kEnd;
            next_ = 0;
        }
        const size_t index = order_[next_++];
        request->head = heads_[index];
        request->number = first_ + index;
        request->to_head = content_ == nullptr;
        if (content_ != nullptr && !options_.any_content && content_->size() <= 64_KiB)
            request->keep_bytes = content_->size();
        return Turn::kSend;
    }

    bool Done(size_t /*connection*/, const Request& request,
              const ResponseReader& answer) override {
        if (answer.status() != 200) return false;
        if (content_ == nullptr) return true;
        return answer.body_bytes() == content_->size() &&
               (options_.any_content ||
                content_->Matches(request.number, 0, AsBytes(answer.kept())));
    }

  private:
    const Content* const content_;
    const GetOptions options_;
    const uint64_t first_;
    std::vector<std::string> heads_;
    std::vector<size_t> order_;
    size_t next_ = 0;
};

class Deletes final : public Workload {
  public:
    Deletes(const RequestSigner& signer, const ObjectRange& range) {
        heads_.reserve(range.count);
        for (uint64_t i = range.first; i < range.first + range.count; ++i) {
            heads_.push_back(signer.Head("DELETE", range.keys.Path(i), "", kEmptySha256, 0));
        }
    }

    std::vector<std::string_view> kinds() const override { return {"delete"}; }

    Turn Next(size_t /*connection*/, Request* request) override {
        if (next_ == heads_.size()) return Turn::kEnd;
        request->head = heads_[next_++];
        return Turn::kSend;
    }

    bool Done(size_t /*connection*/, const Request& /*request*/,
              const ResponseReader& answer) override {
        return answer.status() == 204;
    }

  private:
    std::vector<std::string> heads_;
    size_t next_ = 0;
};

}  // namespace

std::string KeySpace::Key(uint64_t number) const {
    if (prefixes == 0) return fmt::format("{:016x}", Scatter(number));
    return fmt::format("p{:03}/{:016x}", number % prefixes, Scatter(number));
}

std::unique_ptr<Workload> NewPuts(const RequestSigner& signer, const Content& content,
                                  const ObjectRange& range, const PutOptions& options) {
    return std::make_unique<Puts>(signer, content, range, options);
}

std::unique_ptr<Workload> NewGets(const RequestSigner& signer, const Content& content,
                                  const ObjectRange& range, const GetOptions& options) {
    return std::make_unique<Reads>(signer, &content, range, options);
}

std::unique_ptr<Workload> NewHeads(const RequestSigner& signer, const ObjectRange& range) {
    return std::make_unique<Reads>(signer, nullptr, range, GetOptions());
}

std::unique_ptr<Workload> NewDeletes(const RequestSigner& signer, const ObjectRange& range) {
    return std::make_unique<Deletes>(signer, range);
}

}  // namespace coffer::bench

#include "coffer/api/s3/recording.h"

#include "coffer/base/log.h"

namespace coffer::api::s3 {

Recording::Recording(service::RequestObserver& observer, std::string_view api, std::string bucket)
    : observer_(observer), bucket_(std::move(bucket)) {
    record_.api = api;
    record_.bucket = bucket_;
    observer_.Begin(record_.api, record_.bucket);
}

Recording::~Recording() {
    record_.duration = Elapsed();
    observer_.End(record_);
}

void Recording::FirstByte() {
    record_.first_byte = Elapsed();
}

std::chrono::microseconds Recording::Elapsed() const {
    return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() -
                                                                 begin_);
}

Task<Result<size_t>> CountedBody::Read(ByteSpan out) {
    CO_TRY(const size_t read, co_await body_.Read(out));
    bytes_ += read;
    co_return read;
}

RecordedBody::RecordedBody(std::unique_ptr<ByteSource> body, uint64_t length,
                           std::unique_ptr<Recording> recording)
    : body_(std::move(body)), length_(length), recording_(std::move(recording)) {}

RecordedBody::~RecordedBody() {
    service::RequestRecord& record = recording_->record();
    record.canceled = !failed_ && record.bytes_sent < length_;
}

Task<Result<size_t>> RecordedBody::Read(ByteSpan out) {
    auto read = co_await body_->Read(out);
    service::RequestRecord& record = recording_->record();
    if (read) {
        record.bytes_sent += read.value();
    } else {
        // The head is out: all that is left is to break the connection.
        failed_ = true;
        record.code = "InternalError";
        Log(LogLevel::kError, "an object could not be read to its end",
            {{"operation", record.api},
             {"bucket", record.bucket},
             {"error", read.error().ToString()}});
    }
    co_return read;
}

}  // namespace coffer::api::s3

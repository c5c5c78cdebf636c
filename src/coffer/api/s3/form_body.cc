#include "coffer/api/s3/form_body.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "coffer/codec/ascii.h"
#include "coffer/codec/form_signature.h"

namespace coffer::api::s3 {
namespace {

using Event = codec::MultipartForm::Event;

constexpr size_t kBufferBytes = 64_KiB;
static_assert(kBufferBytes >= codec::MultipartForm::kMaxNeededBytes);

Error InvalidArgument(std::string message) {
    return Error(ErrorKind::kInvalid, "InvalidArgument", std::move(message));
}

Error NotOneFile() {
    return InvalidArgument("POST requires exactly one file upload per request.");
}

}  // namespace

Task<Result<>> FormBody::ReadFields() {
    while (true) {
        CO_TRY(const Event event, co_await Step());
        if (event == Event::kEnd) co_return NotOneFile();
        if (event == Event::kData) fields_.back().value += std::exchange(data_, {});
        if (event != Event::kPart) continue;
        if (codec::EqualsIgnoringCase(form_.part().name, "file")) break;
        CO_TRY(BeginField());
    }
    file_name_ = form_.part().file_name.value_or("");
    in_file_ = true;
    fields_done_ = true;
    co_return Ok();
}

Result<> FormBody::BeginField() {
    const std::string& name = form_.part().name;
    if (codec::FindField(fields_, name))
        return InvalidArgument("The form has the field '" + name + "' more than once.");
    fields_.push_back({name, {}});
    return Ok();
}

Task<Result<size_t>> FormBody::Read(ByteSpan out) {
    while (data_.empty() && in_file_) {
        CO_TRY(const Event event, co_await Step());
        in_file_ = event == Event::kData;
    }
    if (data_.empty()) {
        CO_TRY(co_await SkipBehindFile());
        co_return size_t{0};
    }
    const size_t size = std::min(out.size(), data_.size());
    std::memcpy(out.data(), data_.data(), size);
    data_.remove_prefix(size);
    co_return size;
}

Task<Result<>> FormBody::SkipBehindFile() {
    while (!done_) {
        CO_TRY(const Event event, co_await Step());
        done_ = event == Event::kEnd;
        if (event == Event::kPart && codec::EqualsIgnoringCase(form_.part().name, "file"))
            co_return NotOneFile();
    }
    data_ = {};
    co_return Ok();
}

// The next thing that the form has, never kMore.
Task<Result<Event>> FormBody::Step() {
    while (true) {
        const std::string_view input(reinterpret_cast<const char*>(buffer_.data()) + begin_,
                                     end_ - begin_);
        CO_TRY(const auto step, form_.Next(input));
        begin_ += step.consumed;
        data_ = step.data;
        if (!fields_done_) form_bytes_ += step.consumed;
        if (form_bytes_ > kMaxFormBytes) {
            co_return Error(ErrorKind::kInvalid, "MaxPostPreDataLengthExceededError",
                            "Your POST request fields preceding the upload file were too large.");
        }
        if (step.event != Event::kMore) co_return step.event;
        CO_TRY(co_await Fill());
    }
}

Task<Result<>> FormBody::Fill() {
    // Made at the first read, so that a refused request costs none.
    buffer_.resize(kBufferBytes);
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= std::exchange(begin_, 0);
    CO_TRY(const size_t read, co_await body_.Read(std::span(buffer_).subspan(end_)));
    if (read == 0) {
        co_return Error(ErrorKind::kInvalid, "MalformedPOSTRequest",
                        "The body of your POST request is not well-formed multipart/form-data: it "
                        "ends before its last delimiter.");
    }
    end_ += read;
    co_return Ok();
}

}  // namespace coffer::api::s3

// The body of an upload form, as it arrives: its fields first, then its file as a stream.
#pragma once

#include <string>
#include <vector>

#include "coffer/codec/multipart_form.h"
#include "coffer/codec/post_policy.h"
#include "coffer/runtime/byte_stream.h"

namespace coffer::api::s3 {

// What a form may be long but for its file (the Amazon S3 API Reference, "POST Object").
inline constexpr size_t kMaxFormBytes = 20 << 10;

// Owned by one request; reads from `body`, which outlives it. Its memory is a buffer of 64 KiB and
// the fields.
class FormBody final : public ByteSource {
  public:
    FormBody(ByteSource& body, codec::MultipartForm form) : body_(body), form_(std::move(form)) {}

    // Reads up to the part "file", without a byte of it. kInvalid: "MalformedPOSTRequest",
    // "MaxPostPreDataLengthExceededError" over kMaxFormBytes, "InvalidArgument" where a field comes
    // twice or there is no file.
    Task<Result<>> ReadFields();

    const std::vector<codec::FormField>& fields() const { return fields_; }
    const std::string& file_name() const { return file_name_; }

    // After ReadFields: the bytes of the file. The end comes only when the whole form has arrived,
    // so that a form that ends early is an error, kInvalid "MalformedPOSTRequest"; what it holds
    // behind the file is not looked at, but for another file: "InvalidArgument".
    Task<Result<size_t>> Read(ByteSpan out) override;

  private:
    Task<Result<codec::MultipartForm::Event>> Step();
    Task<Result<>> Fill();
    Task<Result<>> SkipBehindFile();
    Result<> BeginField();

    ByteSource& body_;
    codec::MultipartForm form_;
    std::vector<std::byte> buffer_;
    size_t begin_ = 0;  // of what is left in buffer_
    size_t end_ = 0;
    std::string_view data_;  // of the last kData, in buffer_
    size_t form_bytes_ = 0;  // of the form before its file, so far: what follows is passed over
    std::vector<codec::FormField> fields_;
    std::string file_name_;
    bool in_file_ = false;
    bool fields_done_ = false;
    bool done_ = false;
};

}  // namespace coffer::api::s3

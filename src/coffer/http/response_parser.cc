#include "coffer/http/response_parser.h"

#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>

#include "coffer/base/check.h"

namespace coffer::http {
namespace {

namespace beast = boost::beast;

}  // namespace

class ResponseParser::Impl final : public beast::http::basic_parser<false> {
  public:
    FetchResult result;

  private:
    using Code = beast::error_code;
    using Text = beast::string_view;

    void on_response_impl(int status, Text, int, Code&) override { result.status = status; }
    void on_field_impl(beast::http::field, Text name, Text value, Code&) override {
        result.headers.Add({name.data(), name.size()}, {value.data(), value.size()});
    }
    size_t on_body_impl(Text body, Code&) override {
        result.body.append(body.data(), body.size());
        return body.size();
    }
    size_t on_chunk_body_impl(uint64_t, Text body, Code& error) override {
        return on_body_impl(body, error);
    }
    void on_header_impl(Code&) override {}
    void on_body_init_impl(const boost::optional<uint64_t>&, Code&) override {}
    void on_chunk_header_impl(uint64_t, Text, Code&) override {}
    void on_finish_impl(Code&) override {}
    void on_request_impl(beast::http::verb, Text, Text, int, Code&) override {
        COFFER_FATAL("not a request parser");
    }
};

ResponseParser::ResponseParser(bool to_head, size_t body_limit_bytes)
    : impl_(std::make_unique<Impl>()) {
    impl_->skip(to_head);
    impl_->eager(true);
    impl_->body_limit(body_limit_bytes);
}

ResponseParser::~ResponseParser() = default;

Result<size_t> ResponseParser::Put(std::string_view in) {
    beast::error_code error;
    const size_t n = impl_->put(boost::asio::buffer(in.data(), in.size()), error);
    if (!error || error == beast::http::error::need_more) return n;
    if (error == beast::http::error::body_limit) {
        return Error(ErrorKind::kTooLarge, "the answer is longer than expected");
    }
    return Error(ErrorKind::kCorrupt, "the answer is not HTTP: " + error.message());
}

Result<> ResponseParser::PutEnd() {
    beast::error_code error;
    if (impl_->got_some()) impl_->put_eof(error);
    if (error || !impl_->is_done()) return Error(ErrorKind::kClosed, "the answer is cut off");
    return Ok();
}

bool ResponseParser::done() const {
    return impl_->is_done();
}

FetchResult ResponseParser::Take() {
    return std::move(impl_->result);
}

}  // namespace coffer::http

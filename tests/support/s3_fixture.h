// The S3 handler over real services in memory: what its tests stand on. Requests are signed as a
// client signs them.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "coffer/api/s3/handler.h"
#include "coffer/codec/ascii.h"
#include "coffer/codec/base64.h"
#include "coffer/codec/uri.h"

#include "tests/support/run_task.h"
#include "tests/support/service_fixture.h"
#include "tests/support/sign_v4.h"

namespace coffer::api::s3 {

// A body in memory that knows whether it was read, and lets something happen while it is on its
// way.
class TestBody final : public http::Body {
  public:
    TestBody(std::string data, std::optional<uint64_t> length,
             std::function<Task<void>()> meanwhile)
        : source_(std::move(data)), length_(length), meanwhile_(std::move(meanwhile)) {}
    Task<Result<size_t>> Read(ByteSpan out) override {
        if (!read_ && meanwhile_) co_await meanwhile_();
        read_ = true;
        co_return co_await source_.Read(out);
    }
    std::optional<uint64_t> length() const override { return length_; }
    bool read() const { return read_; }

  private:
    runtime::StringSource source_;
    std::optional<uint64_t> length_;
    std::function<Task<void>()> meanwhile_;
    bool read_ = false;
};

class TestObserver final : public service::RequestObserver {
  public:
    void Begin(std::string_view api, std::string_view) override { begun.emplace_back(api); }
    void End(const service::RequestRecord& record) override {
        ended.push_back(record);
        ended.back().bucket = {};
    }
    std::vector<std::string> begun;
    std::vector<service::RequestRecord> ended;
};

struct TestRequest {
    std::string method;
    std::string target;
    std::vector<http::Header> headers;
    std::string body;
    bool sign = true;
    bool send_length = true;
    std::function<Task<void>()> meanwhile = nullptr;  // before the first byte of the body
    std::string access_key = "root-key";
    std::string secret_key = "root-secret";
};

struct TestReply {
    int status = 0;
    http::Headers headers;
    std::string body;
    std::optional<uint64_t> content_length;
    bool body_read = false;  // of the request
    bool broken = false;     // the reply's body failed

    // The text of the first element of that name; empty where there is none.
    std::string Element(std::string_view name) const {
        const std::string open = fmt::format("<{}>", name);
        const size_t begin = body.find(open);
        if (begin == std::string::npos) return {};
        const size_t end = body.find(fmt::format("</{}>", name), begin);
        return body.substr(begin + open.size(), end - begin - open.size());
    }
    std::string Header(std::string_view name) const { return std::string(headers.GetOr(name, "")); }
};

class S3Fixture {
  public:
    S3Fixture() : S3Fixture(S3Options{}) {}
    explicit S3Fixture(S3Options options,
                       codec::Ownership ownership = codec::Ownership::kBucketOwnerEnforced)
        : buckets(*services.core, ownership),
          handler(NewS3Handler({.buckets = buckets,
                                .objects = objects,
                                .uploads = uploads,
                                .access = access,
                                .cors = cors,
                                .credentials = credentials,
                                .accounts = accounts,
                                .clock = services.clock,
                                .observer = observer,
                                .options = std::move(options)})) {}

    TestReply Send(TestRequest test) { return testing::RunTask(Exchange(std::move(test))); }
    TestReply Send(std::string method, std::string target, std::string body = {},
                   std::vector<http::Header> headers = {}) {
        return Send(
            TestRequest{std::move(method), std::move(target), std::move(headers), std::move(body)});
    }

    // One request and its answer, on the caller's executor.
    Task<TestReply> Exchange(TestRequest test) {
        http::Request request;
        request.method = test.method;
        request.target = test.target;
        request.headers.Add("Host", "localhost:9000");
        if (test.send_length &&
            (!test.body.empty() || test.method == "PUT" || test.method == "POST")) {
            request.headers.Add("Content-Length", std::to_string(test.body.size()));
        }
        for (const http::Header& header : test.headers)
            request.headers.Set(header.name, header.value);
        if (test.sign) {
            if (!request.headers.Has("x-amz-content-sha256"))
                request.headers.Set("x-amz-content-sha256", "UNSIGNED-PAYLOAD");
            testing::SignV4(request, {test.access_key, test.secret_key}, services.clock.Now(),
                            std::string(request.headers.GetOr("x-amz-content-sha256", "")));
        }
        TestBody body(test.body,
                      test.send_length ? std::optional<uint64_t>(test.body.size()) : std::nullopt,
                      test.meanwhile);
        request.body = &body;
        co_return co_await Perform(request, body);
    }

    // A request as it is, with that body.
    Task<TestReply> Perform(http::Request& request, TestBody& body) {
        http::Response response = co_await handler->Handle(request);
        TestReply reply{.status = response.status,
                        .headers = std::move(response.headers),
                        .content_length = response.content_length,
                        .body_read = body.read()};
        if (auto* text = std::get_if<std::string>(&response.body)) reply.body = std::move(*text);
        if (auto* stream = std::get_if<std::unique_ptr<ByteSource>>(&response.body)) {
            auto bytes = co_await runtime::ReadAll(**stream, 256_MiB);
            reply.broken = !bytes;
            if (bytes) reply.body = std::move(bytes.value());
        }
        co_return reply;
    }

    testing::ServiceFixture services;
    service::Buckets buckets;
    service::Objects objects{*services.core};
    service::Uploads uploads{*services.core};
    service::Access access{*services.core};
    service::BucketCors cors{*services.core};
    const codec::Seal seal{{}};
    service::Credentials credentials{"root-key", Secret("root-secret"), *services.database, seal};
    service::Accounts accounts{*services.database, services.clock, credentials};
    TestObserver observer;
    std::unique_ptr<http::Handler> handler;
};

// The header of that name.
inline std::string ContentMd5(std::string_view text) {
    return codec::Base64Encode(codec::Md5(AsBytes(text)));
}

// With a bucket "bucket".
class S3BucketTest : public ::testing::Test, public S3Fixture {
  protected:
    S3BucketTest() { EXPECT_EQ(Send("PUT", "/bucket").status, 200); }
};

}  // namespace coffer::api::s3

// Requests that botocore made and signed, verified here: testdata/make_signed_requests.py says how
// they came about.

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "coffer/codec/ascii.h"
#include "coffer/codec/date.h"
#include "coffer/codec/sigv2.h"
#include "coffer/codec/sigv4.h"

namespace coffer::codec {
namespace {

struct SignedRequest {
    std::string scheme;
    std::string method;
    std::string target;
    std::string virtual_bucket;
    std::vector<std::pair<std::string, std::string>> headers;

    std::vector<HeaderField> Fields() const {
        std::vector<HeaderField> fields;
        for (const auto& [name, value] : headers)
            fields.push_back({name, value});
        return fields;
    }
    std::string_view Header(std::string_view name) const {
        for (const auto& header : headers) {
            if (EqualsIgnoringCase(header.first, name)) return header.second;
        }
        return {};
    }
};

struct Recording {
    std::string secret_key;
    std::vector<SignedRequest> requests;
};

Recording Load() {
    const char* const other = std::getenv("COFFER_SIGNED_REQUESTS");
    std::ifstream file(other != nullptr ? other : COFFER_CODEC_TESTDATA "/signed_requests.txt");
    EXPECT_TRUE(file);
    Recording recording;
    SignedRequest request;
    for (std::string line; std::getline(file, line);) {
        if (line.empty() && !request.scheme.empty()) {
            recording.requests.push_back(std::move(request));
            request = {};
        }
        const size_t space = line.find(' ');
        const std::string word = line.substr(0, space);
        const std::string rest = space == std::string::npos ? "" : line.substr(space + 1);
        if (word == "secret-key") recording.secret_key = rest;
        if (word == "scheme") request.scheme = rest;
        if (word == "method") request.method = rest;
        if (word == "target") request.target = rest;
        if (word == "virtual-bucket") request.virtual_bucket = rest;
        if (word == "header") {
            const size_t colon = rest.find(':');
            request.headers.emplace_back(rest.substr(0, colon), rest.substr(colon + 1));
        }
    }
    return recording;
}

struct Pair {
    std::string sent;
    std::string computed;
};

std::string ComputeV4(const SignedRequest& request, const std::string& secret,
                      const SigV4Signature& signature, std::string_view timestamp,
                      std::string_view payload) {
    const Target target = SplitTarget(request.target);
    const auto query = Query::Parse(target.query.value_or("")).value();
    const auto canonical =
        SigV4CanonicalRequest(request.method, target.path, query, request.Fields(),
                              signature.signed_headers, payload)
            .value();
    return SigV4Sign(SigV4SigningKey(secret, signature.credential),
                     SigV4StringToSign(timestamp, signature.credential, canonical));
}

Pair Compute(const SignedRequest& request, const std::string& secret) {
    const Target target = SplitTarget(request.target);
    const auto query = Query::Parse(target.query.value_or("")).value();
    if (request.scheme == "sigv4-header") {
        const auto signature = ParseSigV4Authorization(request.Header("authorization")).value();
        return {signature.signature,
                ComputeV4(request, secret, signature, request.Header("x-amz-date"),
                          request.Header("x-amz-content-sha256"))};
    }
    if (request.scheme == "sigv4-query") {
        const auto presigned = ParseSigV4Query(query).value();
        return {presigned.signature.signature,
                ComputeV4(request, secret, presigned.signature, FormatBasicDate(presigned.date),
                          "UNSIGNED-PAYLOAD")};
    }
    std::string path(target.path);
    if (!request.virtual_bucket.empty()) path = "/" + request.virtual_bucket + path;
    if (request.scheme == "sigv2-header") {
        const auto signature = ParseSigV2Authorization(request.Header("authorization")).value();
        return {signature.signature,
                SigV2Sign(secret,
                          SigV2StringToSign(request.method, path, query, request.Fields(), ""))};
    }
    const auto presigned = ParseSigV2Query(query).value();
    return {presigned.signature.signature,
            SigV2Sign(secret, SigV2StringToSign(request.method, path, query, request.Fields(),
                                                presigned.expires))};
}

TEST(SignedRequests, HaveTheSignaturesThatBotocoreGaveThem) {
    const Recording recording = Load();
    std::map<std::string, int> verified;
    for (const SignedRequest& request : recording.requests) {
        const Pair pair = Compute(request, recording.secret_key);
        EXPECT_EQ(pair.sent, pair.computed)
            << request.scheme << " " << request.method << " " << request.target;
        ++verified[request.scheme];
    }
    for (const char* scheme : {"sigv4-header", "sigv4-query", "sigv2-header", "sigv2-query"}) {
        EXPECT_GE(verified[scheme], 20) << scheme;
    }
}

}  // namespace
}  // namespace coffer::codec

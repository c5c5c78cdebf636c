#include "coffer/api/iam/handler.h"

#include <fmt/format.h>

#include <utility>

#include "coffer/api/global_values.h"
#include "coffer/api/iam/errors.h"
#include "coffer/api/iam/operations.h"
#include "coffer/base/log.h"
#include "coffer/base/random.h"
#include "coffer/codec/digest.h"
#include "coffer/codec/hex.h"

namespace coffer::api::iam {
namespace {

constexpr size_t kMaxBodyBytes = 256_KiB;  // a policy of 20 KiB may be three times that, encoded
constexpr std::string_view kIamNamespace = "https://iam.amazonaws.com/doc/2010-05-08/";
constexpr std::string_view kStsNamespace = "https://sts.amazonaws.com/doc/2011-06-15/";

std::string NewRequestId() {
    const auto half = [] { return fmt::format("{:016x}", RandomUint64()); };
    const std::string hex = half() + half();
    return fmt::format("{}-{}-{}-{}-{}", hex.substr(0, 8), hex.substr(8, 4), hex.substr(12, 4),
                       hex.substr(16, 4), hex.substr(20));
}

class IamHandler final : public http::Handler {
  public:
    explicit IamHandler(IamDependencies dependencies) : deps_(std::move(dependencies)) {
        // MinIO's clients sign what they ask of STS for it, and boto3 each service for itself; and
        // for us-east-1, where AWS has its one IAM, or the region that they have been given.
        options_.allow_sigv2 = false;
        options_.services = codec::SigV4Services::kIdentity;
    }

    Task<http::Response> Handle(http::Request& request) override {
        const std::string id = NewRequestId();
        std::string_view xml_namespace = kIamNamespace;
        Result<std::string> answer = co_await Answer(request, id, xml_namespace);
        http::Response response;
        if (answer) {
            response.headers.Set("Content-Type", "text/xml");
            response.body = std::move(answer).value();
        } else {
            response = ErrorReply(answer.error(), xml_namespace, id);
            if (response.status >= 500 && answer.error().kind() != ErrorKind::kUnsupported)
                Log(LogLevel::kError, "a request failed",
                    {{"api", "iam"}, {"request_id", id}, {"error", answer.error().ToString()}});
        }
        response.headers.Set("x-amzn-RequestId", id);
        // Secrets stand in some of these.
        response.headers.Set("Cache-Control", "no-store");
        co_return response;
    }

  private:
    Task<Result<std::string>> Answer(http::Request& request, const std::string& id,
                                     std::string_view& xml_namespace) {
        const std::string_view query_text = codec::SplitTarget(request.target).query.value_or("");
        CO_TRY(const codec::Query query, codec::Query::Parse(query_text));
        const Timestamp now = deps_.clock.Now();
        CO_TRY(const service::Claim claim, service::Claim::Read(request, query, "", options_));
        CO_TRY(const auto credential, co_await FindCredential(claim, now));
        CO_TRY(const std::string body, co_await runtime::ReadAll(*request.body, kMaxBodyBytes));
        CO_TRY(const service::Identity identity, Prove(claim, credential, body, now));
        CO_TRY(const codec::Query parameters,
               codec::Query::Parse(body.empty() ? query_text : std::string_view(body)));
        const std::string action(parameters.Get("Action").value_or(""));
        const Row* const row = FindOperation(action);
        if (row == nullptr)
            co_return Error(ErrorKind::kInvalid, "InvalidAction",
                            fmt::format("The action {} is not offered here.", action));
        if (row->api == Api::kSts) xml_namespace = kStsNamespace;
        if (!identity.actor->of_main_account() && row->act != &GetCallerIdentity)
            co_return Error(ErrorKind::kDenied, "AccessDenied",
                            "Accounts other than the server's own have no users, access keys and "
                            "sessions to look after.");
        if (parameters.Has("Tags.member.1.Key") || parameters.Has("PermissionsBoundary"))
            co_return Error(ErrorKind::kUnsupported, "NotImplemented",
                            "Tags and permissions boundaries are not offered.");
        GlobalValues values(request, identity, deps_.region, now);
        const Call call{deps_, parameters, identity.actor, values};
        codec::XmlWriter xml;
        const std::string response = action + "Response";
        const std::string result = action + "Result";
        xml.Open(response).Attribute("xmlns", xml_namespace);
        if (row->has_result) xml.Open(result);
        CO_TRY(co_await row->act(call, xml));
        if (row->has_result) xml.Close();
        xml.Open("ResponseMetadata").Element("RequestId", id).Close().Close();
        co_return xml.Finish();
    }

    // That of whoever says to ask, which is there: nothing is read from strangers, since it would
    // be kept until its signature can be checked. Nobody asks here without credentials.
    Task<Result<service::Credentials::Found>> FindCredential(const service::Claim& claim,
                                                             Timestamp now) {
        if (claim.access_key().empty())
            co_return Error(ErrorKind::kDenied, "MissingAuthenticationToken",
                            "The request is missing an Authentication Token.");
        CO_TRY(auto credential, co_await deps_.credentials.Find(claim.access_key(), claim.token()));
        if (credential == nullptr) {
            CO_TRY(claim.Prove(credential, now, ""));
        }
        co_return credential;
    }

    static Result<service::Identity> Prove(const service::Claim& claim,
                                           const service::Credentials::Found& credential,
                                           const std::string& body, Timestamp now) {
        const codec::Sha256Digest digest = codec::Sha256(AsBytes(body));
        const std::string hex = codec::ToHex(digest);
        TRY(service::Identity identity, claim.Prove(credential, now, hex));
        if (identity.payload.sha256 != digest)
            return Error(ErrorKind::kDenied, "XAmzContentSHA256Mismatch",
                         "The body of the request is not the one that was signed.");
        return identity;
    }

    const IamDependencies deps_;
    service::AuthenticateOptions options_;
};

}  // namespace

std::unique_ptr<http::Handler> NewIamHandler(IamDependencies dependencies) {
    return std::make_unique<IamHandler>(std::move(dependencies));
}

}  // namespace coffer::api::iam

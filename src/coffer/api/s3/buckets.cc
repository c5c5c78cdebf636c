// ListBuckets, CreateBucket, HeadBucket, DeleteBucket, GetBucketLocation.
#include "coffer/api/s3/acl.h"
#include "coffer/api/s3/authorize.h"
#include "coffer/api/s3/content.h"
#include "coffer/api/s3/document.h"
#include "coffer/api/s3/object_headers.h"
#include "coffer/api/s3/operations.h"
#include "coffer/api/s3/parameters.h"
#include "coffer/api/s3/reply.h"
#include "coffer/api/s3/tagging.h"
#include "coffer/codec/ascii.h"
#include "coffer/codec/base64.h"
#include "coffer/codec/ownership.h"
#include "coffer/service/empty_bucket.h"
#include "coffer/service/tags.h"

namespace coffer::api::s3 {
namespace {

constexpr size_t kMaxBucketsPage = 10'000;
constexpr std::string_view kDefaultRegion = "us-east-1";

std::string_view Region(const Call& call) {
    const std::string& region = call.dependencies.options.region;
    return region.empty() ? kDefaultRegion : std::string_view(region);
}

Result<service::ListBucketsRequest> ParseListBuckets(const S3Request& request) {
    service::ListBucketsRequest list;
    TRY(list.prefix, ParseName(request, "prefix"));
    TRY(list.limit, ParseCount(request, "max-buckets", kMaxBucketsPage, kMaxBucketsPage));
    if (list.limit == 0) {
        return Error(ErrorKind::kInvalid, "InvalidArgument",
                     "Argument max-buckets must be an integer between 1 and 10000");
    }
    if (const auto token = request.Parameter("continuation-token"); token && !token->empty()) {
        const auto after = codec::Base64UrlDecode(*token);
        if (!after)
            return Error(ErrorKind::kInvalid, "InvalidArgument",
                         "The continuation token is not valid");
        list.after = *after;
    }
    return list;
}

// What a CreateBucketConfiguration says.
struct Creation {
    std::string location;  // LocationConstraint; empty where there is none
    service::InitialSettings settings;
};

Result<Creation> ParseCreation(std::string_view document) {
    Creation creation;
    if (document.empty()) return creation;
    TRY(const auto xml, codec::ParseXml(document));
    const codec::XmlNode root = xml.root();
    if (root.name() != "CreateBucketConfiguration")
        return Error(ErrorKind::kInvalid, "MalformedXML", "");
    for (const std::string_view element : {"Location", "Bucket"}) {
        if (!root.Child(element)) continue;
        return Error(ErrorKind::kUnsupported, "NotImplemented",
                     "A bucket's " + std::string(element) + " can't be set when it is created.");
    }
    TRY(root.Expect({"LocationConstraint", "Tags"}));
    TRY(const auto location, root.ChildText("LocationConstraint"));
    creation.location = location.value_or("");
    if (const auto node = root.Child("Tags")) {
        TRY(const auto tags, ReadTags(*node, service::kMaxBucketTags));
        creation.settings.documents.emplace_back(service::SettingKind::kTagging,
                                                 WriteTagging(tags));
    }
    return creation;
}

// Whose objects in the new bucket are, and its ACL; to say so needs rights of its own.
Task<Result<>> ParseOwnership(const Call& call, service::InitialSettings& settings) {
    const auto may = [&](std::string_view action) {
        return Authorize(call,
                         {.action = action, .bucket = call.bucket().text(), .new_bucket = true});
    };
    if (const auto name = call.request.Header("x-amz-object-ownership")) {
        settings.ownership = codec::ParseOwnershipName(*name);
        if (!settings.ownership)
            co_return Error(ErrorKind::kInvalid, "InvalidArgument",
                            "Invalid x-amz-object-ownership header");
        CO_TRY(co_await may("s3:PutBucketOwnershipControls"));
    }
    CO_TRY(settings.acl, ParseAclHeaders(call));
    if (settings.acl.asks() && settings.acl.canned != codec::CannedAcl::kPrivate) {
        CO_TRY(co_await may("s3:PutBucketAcl"));
    }
    co_return Ok();
}

bool IsTrue(const S3Request& request, std::string_view header) {
    return codec::EqualsIgnoringCase(request.Header(header).value_or("false"), "true");
}

bool EnablesObjectLock(const S3Request& request) {
    return IsTrue(request, "x-amz-bucket-object-lock-enabled");
}

// Whether a bucket that stays as it is has the lock and the ownership that are asked for: who is
// told that it was made counts on them.
Task<Result<bool>> HasWhatIsAskedFor(const Call& call) {
    service::Buckets& buckets = call.dependencies.buckets;
    if (EnablesObjectLock(call.request)) {
        CO_TRY(const auto lock,
               co_await buckets.GetSetting(call.bucket(), service::SettingKind::kObjectLock));
        if (!lock) co_return false;
    }
    if (const auto asked = call.request.Header("x-amz-object-ownership")) {
        CO_TRY(const auto setting,
               co_await buckets.GetSetting(call.bucket(), service::SettingKind::kOwnership));
        auto ownership = codec::Ownership::kBucketOwnerEnforced;
        if (setting) {
            CO_TRY(ownership, codec::ParseOwnershipControls(setting->document));
        }
        if (codec::ParseOwnershipName(*asked) != ownership) co_return false;
    }
    co_return true;
}

// What is answered for a bucket that is one's own already, and stays as it is. `refusal` is S3's
// answer in all regions but its first.
Task<Result<>> CreateOwnAgain(const Call& call, const service::AclRequest& acl, Error refusal) {
    // MinIO's way to ask for a bucket of one's own, be it there or not.
    const bool by_force = IsTrue(call.request, "x-minio-force-create");
    if (!by_force && !call.dependencies.options.recreate_own_bucket) co_return refusal;
    CO_TRY(const bool has_all, co_await HasWhatIsAskedFor(call));
    if (!has_all) co_return refusal;
    if (by_force) co_return Ok();
    CO_TRY(const codec::Acl there, co_await call.dependencies.buckets.GetAcl(call.bucket()));
    const bool asks_for_private = !acl.asks() || acl.canned == codec::CannedAcl::kPrivate;
    // S3 would give it the new one, which may open what is in it, or close it.
    if (!asks_for_private || there != codec::PrivateAcl(there.owner))
        co_return Error(ErrorKind::kAlreadyExists, "BucketAlreadyExists",
                        "the bucket '" + call.bucket().text() +
                            "' is yours, and has another ACL, or would get one");
    co_return Ok();
}

}  // namespace

Task<Reply> ListBuckets(Call& call) {
    CO_TRY(auto request, ParseListBuckets(call.request));
    const std::string prefix = request.prefix;
    request.owner = call.actor().principal.account;
    CO_TRY(const auto list, co_await call.dependencies.buckets.List(std::move(request)));

    codec::XmlWriter xml;
    OpenRoot(xml, "ListAllMyBucketsResult");
    WriteOwner(xml, "Owner", call.Describe(call.actor().principal.account));
    xml.Open("Buckets");
    for (const service::BucketInfo& bucket : list.buckets) {
        xml.Open("Bucket").Element("Name", bucket.name);
        WriteTime(xml, "CreationDate", bucket.created);
        xml.Element("BucketRegion", Region(call)).Close();
    }
    xml.Close();
    if (list.truncated) {
        xml.Element("ContinuationToken", codec::Base64UrlEncode(AsBytes(list.buckets.back().name)));
    }
    if (!prefix.empty()) xml.Element("Prefix", prefix);
    co_return XmlReply(xml.Close().Finish());
}

Task<Reply> CreateBucket(Call& call) {
    CO_TRY(RefuseUnofferedHeaders(call.request));
    std::string document;
    if (call.body_length != 0) {
        CO_TRY(document, co_await ReadDocument(call, kMaxConfigurationBytes));
    }
    CO_TRY(Creation creation, ParseCreation(document));
    if (EnablesObjectLock(call.request)) {
        creation.settings.versioning = service::Versioning::kEnabled;
        creation.settings.documents.emplace_back(service::SettingKind::kObjectLock,
                                                 codec::WriteObjectLockConfiguration({}));
    }
    creation.settings.owner = call.actor().principal.account;
    CO_TRY(co_await ParseOwnership(call, creation.settings));
    const std::string& location = creation.location;
    // Without a region of its own the server is everywhere.
    const std::string& region = call.dependencies.options.region;
    if (!region.empty() && !location.empty() && location != region) {
        co_return Error(ErrorKind::kInvalid, "IllegalLocationConstraintException",
                        "The " + location +
                            " location constraint is incompatible for the region specific "
                            "endpoint this request was sent to.");
    }
    const service::AclRequest acl = creation.settings.acl;
    const Result<> made =
        co_await call.dependencies.buckets.Create(call.bucket(), std::move(creation.settings));
    if (!made) {
        if (made.error().code() != "BucketAlreadyOwnedByYou") co_return made.error();
        CO_TRY(co_await CreateOwnAgain(call, acl, made.error()));
    }
    http::Response reply = EmptyReply(200);
    reply.headers.Set("Location", "/" + call.bucket().text());
    co_return reply;
}

Task<Reply> HeadBucket(Call& call) {
    CO_TRY(co_await call.dependencies.buckets.Get(call.bucket()));
    http::Response reply = EmptyReply(200);
    reply.headers.Set("x-amz-bucket-region", Region(call));
    co_return reply;
}

Task<Reply> DeleteBucket(Call& call) {
    if (IsTrue(call.request, "x-minio-force-delete")) {
        CO_TRY(co_await Authorize(
            call, {.action = "s3:ForceDeleteBucket", .bucket = call.bucket().text()}));
        CO_TRY(const auto lock, co_await call.dependencies.buckets.GetSetting(
                                    call.bucket(), service::SettingKind::kObjectLock));
        if (lock) {
            co_return Error(ErrorKind::kConflict, "InvalidBucketState",
                            "A bucket with object lock can't be deleted by force.");
        }
        CO_TRY(
            co_await service::EmptyBucket(call.dependencies.objects, call.bucket(), call.grounds));
    }
    CO_TRY(co_await call.dependencies.buckets.Delete(call.bucket(), call.grounds));
    co_return EmptyReply(204);
}

Task<Reply> GetBucketLocation(Call& call) {
    CO_TRY(co_await call.dependencies.buckets.Get(call.bucket()));
    codec::XmlWriter xml;
    OpenRoot(xml, "LocationConstraint");
    // S3 says nothing for its first region.
    if (Region(call) != kDefaultRegion) xml.Text(Region(call));
    co_return XmlReply(xml.Close().Finish());
}

}  // namespace coffer::api::s3

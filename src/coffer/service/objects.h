// The rules of objects, as S3 has them: put, read, copy, delete, list.
//
// Any thread may call these. Every change is durable when it returns, and has happened whole or not
// at all. Errors carry S3's code; all may also return kBusy, kNoSpace, kIo and kTimeout.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "coffer/runtime/byte_stream.h"
#include "coffer/service/listings.h"
#include "coffer/service/object_requests.h"

namespace coffer::service {

struct Core;

// Whether a text has the form of a version's id: "null", or 32 to 64 letters, digits, '.', '_',
// '-': Coffer's, AWS's, or MinIO's UUIDs.
bool IsVersionId(std::string_view text);

// Whatever names an object may say by what that was allowed: kConflict "OperationAborted", and
// nothing is changed, where what is found would have to be judged anew. What makes an object fails
// with "NoSuchBucket" where another bucket has come under the name of the one that it began with.
class Objects {
  public:
    explicit Objects(Core& core) : core_(core) {}

    // Reads `body` to its end. "NoSuchBucket", "PreconditionFailed" (checked before the body is
    // read, and again in the transaction that makes the object visible), "NoSuchKey" (If-Match
    // without an object), "IncompleteBody", "BadDigest", "XAmzContentSHA256Mismatch",
    // "EntityTooLarge", "XMinioAdminBucketQuotaExceeded"; "InvalidRequest" (a lock in a bucket
    // without object lock), "InvalidArgument" (a retention that is over), "AccessDenied" (a lock
    // holds what would be replaced); the errors of AclRules::ForObject.
    Task<Result<PutResult>> Put(PutRequest request, ByteSource& body);

    // "NoSuchBucket", "NoSuchKey", "NoSuchVersion", "PreconditionFailed", "InvalidRange",
    // "InvalidPartNumber", "MethodNotAllowed" (a delete marker was named), and those of
    // CheckCustomerKey. A damaged object fails
    // with kCorrupt here or in the body's Read.
    Task<Result<GetResult>> Get(GetRequest request);

    // No byte is copied, where the copy is encrypted in the domain of its source, or neither is:
    // the new version refers to the same blobs. Else they are read once. "InvalidRequest" when it
    // would change nothing, else the errors of Get for the source and of Put for the destination.
    Task<Result<CopyResult>> Copy(CopyRequest request);

    // The delete marker on account of which Get of the same names fails; nothing where there is
    // none.
    Task<Result<std::optional<VersionInfo>>> FindDeleteMarker(
        BucketName bucket, ObjectKey key, std::optional<std::string> version_id);

    // Takes away the version that is named; without a name, the object: where the bucket keeps
    // versions a delete marker comes to lie on it. Deleting what is not there succeeds; the
    // conditions are those on the version that is named, or the current one. "NoSuchBucket",
    // "PreconditionFailed", "AccessDenied" (the version is locked).
    Task<Result<DeleteResult>> Delete(DeleteRequest request);

    // Puts `tags` in place of those of the object, or of the version that is named, and returns its
    // id, which is empty in a bucket whose versioning was never configured. The errors of Get.
    Task<Result<std::string>> SetTags(NamedObject object, Tags tags, Origin origin = {});

    // Changes what locks the object, or the version that is named. "InvalidRequest" (the bucket has
    // no object lock), "InvalidArgument" (a retention that is over), "AccessDenied" (the retention
    // that there is holds), and the errors of Get.
    Task<Result<>> SetRetention(RetentionRequest request);
    Task<Result<>> SetLegalHold(NamedObject object, bool on, Origin origin = {});

    // The ACL of the object, or of the version that is named; in a bucket without ACLs it is the
    // bucket owner's, and private. SetAcl: the errors of AclRules::Replace. Both: the errors of
    // Get.
    Task<Result<codec::Acl>> GetAcl(NamedObject object);
    Task<Result<>> SetAcl(NamedObject object, AclRequest request, Origin origin = {});

    // Each on its own, in one transaction for all; the results are in the order of `requests`, all
    // of one bucket: of that of `grounds`, else "NoSuchBucket", whatever each request has.
    Task<Result<std::vector<Result<DeleteResult>>>> DeleteMany(
        BucketName bucket, std::vector<DeleteRequest> requests,
        std::optional<Grounds> grounds = std::nullopt);

    // "NoSuchBucket".
    Task<Result<ListResult>> List(ListRequest request);
    Task<Result<ListVersionsResult>> ListVersions(ListVersionsRequest request);

  private:
    Core& core_;
};

}  // namespace coffer::service

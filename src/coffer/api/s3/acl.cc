// GetBucketAcl, PutBucketAcl, GetObjectAcl, PutObjectAcl: everything is its owner's and nobody
// else's. To ask for just that succeeds; to ask for anything else answers 501.
#include "coffer/api/s3/document.h"
#include "coffer/api/s3/find_object.h"
#include "coffer/api/s3/object_headers.h"
#include "coffer/api/s3/operations.h"
#include "coffer/api/s3/reply.h"

namespace coffer::api::s3 {
namespace {

http::Response OwnersAcl(const Owner& owner) {
    codec::XmlWriter xml;
    OpenRoot(xml, "AccessControlPolicy");
    WriteOwner(xml, "Owner", owner);
    xml.Open("AccessControlList")
        .Open("Grant")
        .Open("Grantee")
        .Attribute("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance")
        .Attribute("xsi:type", "CanonicalUser")
        .Element("ID", owner.id)
        .Element("DisplayName", owner.name)
        .Close()
        .Element("Permission", "FULL_CONTROL")
        .Close()
        .Close();
    return XmlReply(xml.Close().Finish());
}

// Whether the ACL that a request sets is the one that everything has. A policy in the body is not
// looked into.
Result<> ExpectPrivateAcl(const Call& call) {
    TRY(RefuseUnofferedHeaders(call.request));
    if (call.request.Header("x-amz-acl") && call.body_length == 0) return Ok();
    return Error(ErrorKind::kUnsupported, "NotImplemented",
                 "Access control lists other than 'private' are not implemented.");
}

}  // namespace

Task<Reply> GetBucketAcl(Call& call) {
    CO_TRY(co_await call.dependencies.buckets.Get(call.bucket()));
    co_return OwnersAcl(call.owner());
}

Task<Reply> PutBucketAcl(Call& call) {
    CO_TRY(ExpectPrivateAcl(call));
    CO_TRY(co_await call.dependencies.buckets.Get(call.bucket()));
    co_return EmptyReply(200);
}

Task<Reply> GetObjectAcl(Call& call) {
    CO_TRY(co_await ExpectObject(call));
    co_return OwnersAcl(call.owner());
}

Task<Reply> PutObjectAcl(Call& call) {
    CO_TRY(ExpectPrivateAcl(call));
    CO_TRY(co_await ExpectObject(call));
    co_return EmptyReply(200);
}

}  // namespace coffer::api::s3

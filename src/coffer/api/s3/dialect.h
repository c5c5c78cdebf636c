// Whose answers a client expects where servers of S3 differ.
#pragma once

namespace coffer::api::s3 {

enum class Dialect {
    kAws,

    // As Ceph's object gateway, which ceph/s3-tests measures:
    //  - for a part that an object does not have: 400 InvalidPart, not 416 InvalidPartNumber;
    //  - for a range to copy that goes beyond the source's end: 416 InvalidRange, not 400
    //    InvalidArgument;
    //  - for parameters of a signature that mean nothing, as an X-Amz-Expires that is too long: 403
    //    AccessDenied, not 400 AuthorizationQueryParametersError;
    //  - for another key of the client's (SSE-C) than the object's: 400 InvalidRequest, not 403;
    //  - an upload under a client's key is completed with that key only, not only where it has
    //    checksums;
    //  - of a part that a completion lists twice in a row the last counts: no 400 InvalidPartOrder;
    //  - a bucket's policy may have statements that can apply to nothing: no 400 MalformedPolicy.
    kCeph,
};

}  // namespace coffer::api::s3

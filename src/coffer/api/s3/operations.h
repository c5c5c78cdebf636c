// The operations of S3 that Coffer offers, by family. Each answers what the Amazon S3 API Reference
// says for its name; errors carry S3's code, and errors.cc gives them their status and body.
#pragma once

#include "coffer/api/s3/call.h"

namespace coffer::api::s3 {

// buckets.cc
Task<Reply> ListBuckets(Call& call);
Task<Reply> CreateBucket(Call& call);
Task<Reply> HeadBucket(Call& call);
Task<Reply> DeleteBucket(Call& call);
Task<Reply> GetBucketLocation(Call& call);

// bucket_access.cc
Task<Reply> GetBucketPolicy(Call& call);
Task<Reply> PutBucketPolicy(Call& call);
Task<Reply> DeleteBucketPolicy(Call& call);
Task<Reply> GetBucketPolicyStatus(Call& call);
Task<Reply> GetPublicAccessBlock(Call& call);
Task<Reply> PutPublicAccessBlock(Call& call);
Task<Reply> DeletePublicAccessBlock(Call& call);

// bucket_encryption.cc
Task<Reply> GetBucketEncryption(Call& call);
Task<Reply> PutBucketEncryption(Call& call);
Task<Reply> DeleteBucketEncryption(Call& call);

// put_object.cc
Task<Reply> PutObject(Call& call);

// post_object.cc
Task<Reply> PostObject(Call& call);

// get_object.cc
Task<Reply> GetObject(Call& call);
Task<Reply> HeadObject(Call& call);

// get_object_attributes.cc
Task<Reply> GetObjectAttributes(Call& call);

// delete_object.cc, delete_objects.cc
Task<Reply> DeleteObject(Call& call);
Task<Reply> DeleteObjects(Call& call);

// copy_object.cc
Task<Reply> CopyObject(Call& call);

// list_objects.cc, list_object_versions.cc
Task<Reply> ListObjects(Call& call);
Task<Reply> ListObjectsV2(Call& call);
Task<Reply> ListObjectVersions(Call& call);

// multipart.cc
Task<Reply> CreateMultipartUpload(Call& call);
Task<Reply> UploadPart(Call& call);
Task<Reply> UploadPartCopy(Call& call);
Task<Reply> AbortMultipartUpload(Call& call);

// complete_multipart.cc
Task<Reply> CompleteMultipartUpload(Call& call);

// list_multipart.cc
Task<Reply> ListParts(Call& call);
Task<Reply> ListMultipartUploads(Call& call);

// versioning.cc
Task<Reply> GetBucketVersioning(Call& call);
Task<Reply> PutBucketVersioning(Call& call);

// cors.cc
Task<Reply> GetBucketCors(Call& call);
Task<Reply> PutBucketCors(Call& call);
Task<Reply> DeleteBucketCors(Call& call);
Task<Reply> CorsPreflight(Call& call);  // OPTIONS: may a page of another origin send this request?

// tagging.cc
Task<Reply> GetObjectTagging(Call& call);
Task<Reply> PutObjectTagging(Call& call);
Task<Reply> DeleteObjectTagging(Call& call);
Task<Reply> GetBucketTagging(Call& call);
Task<Reply> PutBucketTagging(Call& call);
Task<Reply> DeleteBucketTagging(Call& call);

// notification.cc
Task<Reply> GetBucketNotification(Call& call);
Task<Reply> PutBucketNotification(Call& call);

// listen.cc
Task<Reply> ListenToEvents(Call& call);

// lifecycle.cc
Task<Reply> GetBucketLifecycle(Call& call);
Task<Reply> PutBucketLifecycle(Call& call);
Task<Reply> DeleteBucketLifecycle(Call& call);

// object_lock.cc
Task<Reply> GetObjectLockConfiguration(Call& call);
Task<Reply> PutObjectLockConfiguration(Call& call);
Task<Reply> GetObjectRetention(Call& call);
Task<Reply> PutObjectRetention(Call& call);
Task<Reply> GetObjectLegalHold(Call& call);
Task<Reply> PutObjectLegalHold(Call& call);

// configuration.cc: what S3 answers for configuration that was never set
Task<Reply> GetAbsentBucketConfiguration(Call& call);

// acl.cc
Task<Reply> GetBucketAcl(Call& call);
Task<Reply> PutBucketAcl(Call& call);
Task<Reply> GetObjectAcl(Call& call);
Task<Reply> PutObjectAcl(Call& call);

// ownership.cc
Task<Reply> GetBucketOwnershipControls(Call& call);
Task<Reply> PutBucketOwnershipControls(Call& call);
Task<Reply> DeleteBucketOwnershipControls(Call& call);

// refusals.cc
Task<Reply> NotOffered(Call& call);        // 501 NotImplemented
Task<Reply> MethodNotAllowed(Call& call);  // 405

}  // namespace coffer::api::s3

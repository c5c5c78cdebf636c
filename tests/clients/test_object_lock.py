"""Object lock with boto3, as an archive and who administers it use it."""

from datetime import datetime, timedelta, timezone

import pytest
from botocore.exceptions import ClientError


def refused(call, **arguments):
    """The code of the error that the call ends with."""
    with pytest.raises(ClientError) as error:
        call(**arguments)
    return error.value.response["Error"]["Code"]


def days(count):
    return datetime.now(timezone.utc).replace(microsecond=0) + timedelta(days=count)


@pytest.fixture
def locked(s3, bucket_name):
    s3.create_bucket(Bucket=bucket_name, ObjectLockEnabledForBucket=True)
    return bucket_name


def put(s3, bucket, key="k", **more):
    return s3.put_object(Bucket=bucket, Key=key, Body=b"body", **more)["VersionId"]


def test_a_bucket_is_made_with_it(s3, locked):
    assert s3.get_bucket_versioning(Bucket=locked)["Status"] == "Enabled"
    assert s3.get_object_lock_configuration(Bucket=locked)["ObjectLockConfiguration"] == {
        "ObjectLockEnabled": "Enabled"}
    assert refused(s3.put_bucket_versioning, Bucket=locked,
                   VersioningConfiguration={"Status": "Suspended"}) == "InvalidBucketState"


def test_a_default_is_given_to_new_versions(s3, locked):
    rule = {"ObjectLockEnabled": "Enabled",
            "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 2}}}
    s3.put_object_lock_configuration(Bucket=locked, ObjectLockConfiguration=rule)
    assert s3.get_object_lock_configuration(Bucket=locked)["ObjectLockConfiguration"] == rule
    version = put(s3, locked)
    head = s3.head_object(Bucket=locked, Key="k")
    assert head["ObjectLockMode"] == "GOVERNANCE"
    assert abs(head["ObjectLockRetainUntilDate"] - days(2)) < timedelta(minutes=5)
    assert refused(s3.delete_object, Bucket=locked, Key="k", VersionId=version) == "AccessDenied"
    s3.delete_object(Bucket=locked, Key="k", VersionId=version, BypassGovernanceRetention=True)


def test_compliance_is_only_prolonged(s3, locked):
    version = put(s3, locked, ObjectLockMode="COMPLIANCE", ObjectLockRetainUntilDate=days(2))
    named = {"Bucket": locked, "Key": "k", "VersionId": version}
    for retention in ({"Mode": "COMPLIANCE", "RetainUntilDate": days(1)},
                      {"Mode": "GOVERNANCE", "RetainUntilDate": days(9)}, {}):
        assert refused(s3.put_object_retention, **named, Retention=retention,
                       BypassGovernanceRetention=True) == "AccessDenied"
    longer = {"Mode": "COMPLIANCE", "RetainUntilDate": days(3)}
    s3.put_object_retention(**named, Retention=longer)
    assert s3.get_object_retention(**named)["Retention"] == longer
    assert refused(s3.delete_object, **named, BypassGovernanceRetention=True) == "AccessDenied"
    told = s3.delete_objects(Bucket=locked, Delete={"Objects": [{"Key": "k", "VersionId": version}]},
                             BypassGovernanceRetention=True)
    assert told["Errors"][0]["Code"] == "AccessDenied" and "Deleted" not in told
    assert refused(s3.delete_bucket, Bucket=locked) == "BucketNotEmpty"
    assert s3.get_object(**named)["Body"].read() == b"body"


def test_a_legal_hold_holds_until_it_is_taken_off(s3, locked):
    version = put(s3, locked, ObjectLockLegalHoldStatus="ON")
    named = {"Bucket": locked, "Key": "k", "VersionId": version}
    assert s3.head_object(**named)["ObjectLockLegalHoldStatus"] == "ON"
    s3.delete_object(Bucket=locked, Key="k")  # a delete marker, which hides it and no more
    assert refused(s3.delete_object, **named, BypassGovernanceRetention=True) == "AccessDenied"
    s3.put_object_legal_hold(**named, LegalHold={"Status": "OFF"})
    assert s3.get_object_legal_hold(**named)["LegalHold"]["Status"] == "OFF"
    s3.delete_object(**named)


def test_uploads_and_copies_bring_locks_too(s3, locked):
    until = {"ObjectLockMode": "GOVERNANCE", "ObjectLockRetainUntilDate": days(1)}
    upload = s3.create_multipart_upload(Bucket=locked, Key="parts", **until)["UploadId"]
    part = s3.upload_part(Bucket=locked, Key="parts", UploadId=upload, PartNumber=1, Body=b"part")
    s3.complete_multipart_upload(Bucket=locked, Key="parts", UploadId=upload, MultipartUpload={
        "Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]})
    s3.copy_object(Bucket=locked, Key="locked", CopySource={"Bucket": locked, "Key": "parts"}, **until)
    s3.copy_object(Bucket=locked, Key="free", CopySource={"Bucket": locked, "Key": "parts"})
    assert s3.head_object(Bucket=locked, Key="parts")["ObjectLockMode"] == "GOVERNANCE"
    assert s3.head_object(Bucket=locked, Key="locked")["ObjectLockMode"] == "GOVERNANCE"
    assert "ObjectLockMode" not in s3.head_object(Bucket=locked, Key="free")


def test_errors_are_those_of_s3(s3, locked):
    bucket = locked + "-plain"
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="k", Body=b"body")
    hold = {"LegalHold": {"Status": "ON"}}
    retain = {"Retention": {"Mode": "GOVERNANCE", "RetainUntilDate": days(1)}}
    named = {"Bucket": bucket, "Key": "k"}
    for code, call, arguments in (
            ("ObjectLockConfigurationNotFoundError", s3.get_object_lock_configuration, {"Bucket": bucket}),
            ("InvalidRequest", s3.put_object_legal_hold, named | hold),
            ("InvalidRequest", s3.get_object_legal_hold, named),
            ("InvalidRequest", s3.put_object_retention, named | retain),
            ("InvalidRequest", s3.get_object_retention, named),
            ("InvalidRequest", s3.put_object, named | {"Body": b"x", "ObjectLockLegalHoldStatus": "ON"}),
            ("InvalidArgument", s3.put_object,
             {"Bucket": locked, "Key": "k", "Body": b"x", "ObjectLockMode": "GOVERNANCE"}),
            ("InvalidArgument", s3.put_object,
             {"Bucket": locked, "Key": "k", "Body": b"x", "ObjectLockMode": "GOVERNANCE",
              "ObjectLockRetainUntilDate": days(-1)})):
        assert refused(call, **arguments) == code, (call, arguments)
    put(s3, locked)
    assert refused(s3.get_object_retention, Bucket=locked, Key="k") == "NoSuchObjectLockConfiguration"
    assert refused(s3.get_object_legal_hold, Bucket=locked, Key="k") == "NoSuchObjectLockConfiguration"

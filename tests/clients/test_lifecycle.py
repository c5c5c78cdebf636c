"""Lifecycle rules with boto3, on a server whose day is a second: what goes, what stays, what replies tell."""

import time
from datetime import datetime, timedelta, timezone

import pytest
from botocore.exceptions import ClientError
from conftest import PROGRAM, Endpoint
from server import Server

PATIENCE = 60  # seconds; what is due goes within two or three


@pytest.fixture(scope="module")
def short_days():
    server = Server(PROGRAM, environment={"COFFER_LIFECYCLE_DAY": "1s"})
    with server.running():
        yield server


@pytest.fixture
def s3(short_days):
    from drivers import boto3_client

    return boto3_client(Endpoint(short_days.url, f"localhost:{short_days.port}", False, None))


def set_rules(s3, bucket, *rules):
    rules = [{"Status": "Enabled", "Filter": {"Prefix": ""}} | rule for rule in rules]
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": rules})


def keys(s3, bucket):
    return [entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket).get("Contents", [])]


def history(s3, bucket):
    """How many versions, and how many delete markers."""
    listed = s3.list_object_versions(Bucket=bucket)
    return len(listed.get("Versions", [])), len(listed.get("DeleteMarkers", []))


def wait_for(look, wanted):
    deadline = time.monotonic() + PATIENCE
    while (seen := look()) != wanted:
        assert time.monotonic() < deadline, f"{seen} in place of {wanted}"
        time.sleep(0.05)


def test_rules_come_back(s3, bucket):
    with pytest.raises(ClientError) as error:
        s3.get_bucket_lifecycle_configuration(Bucket=bucket)
    assert error.value.response["Error"]["Code"] == "NoSuchLifecycleConfiguration"
    rules = [
        {"ID": "a", "Status": "Enabled", "Filter": {"Prefix": "a/"}, "Expiration": {"Days": 9000}},
        {"ID": "b", "Status": "Disabled", "NoncurrentVersionExpiration": {"NoncurrentDays": 3, "NewerNoncurrentVersions": 2},
         "Filter": {"And": {"Prefix": "b/", "Tags": [{"Key": "k", "Value": "v"}], "ObjectSizeGreaterThan": 5}}},
        {"ID": "c", "Status": "Enabled", "Filter": {"Prefix": ""}, "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7000}},
    ]
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": rules})
    assert s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"] == rules
    s3.delete_bucket_lifecycle(Bucket=bucket)
    with pytest.raises(ClientError):
        s3.get_bucket_lifecycle_configuration(Bucket=bucket)


def test_transitions_are_refused(s3, bucket):
    with pytest.raises(ClientError) as error:
        set_rules(s3, bucket, {"Transitions": [{"Days": 1, "StorageClass": "GLACIER"}]})
    assert error.value.response["Error"]["Code"] == "NotImplemented"


def test_objects_expire_by_prefix_tag_and_size(s3, bucket):
    put = lambda key, **more: s3.put_object(Bucket=bucket, Key=key, **({"Body": b"12345"} | more))
    set_rules(s3, bucket,
              {"Filter": {"Prefix": "tmp/"}, "Expiration": {"Days": 1}},
              {"Filter": {"Tag": {"Key": "keep", "Value": "no"}}, "Expiration": {"Days": 1}},
              {"Filter": {"And": {"Prefix": "big/", "ObjectSizeGreaterThan": 10}}, "Expiration": {"Days": 1}})
    told = put("tmp/a")["Expiration"]
    assert "rule-id=" in told and s3.head_object(Bucket=bucket, Key="tmp/a")["Expiration"] == told
    put("tagged", Tagging="keep=no")
    put("big/a", Body=b"x" * 11)
    put("big/b")
    assert "Expiration" not in put("kept", Tagging="keep=yes")
    wait_for(lambda: keys(s3, bucket), ["big/b", "kept"])
    s3.put_object_tagging(Bucket=bucket, Key="kept", Tagging={"TagSet": [{"Key": "keep", "Value": "no"}]})
    wait_for(lambda: keys(s3, bucket), ["big/b"])


def test_objects_expire_at_a_date(s3, bucket):
    s3.put_object(Bucket=bucket, Key="old/a", Body=b"")
    s3.put_object(Bucket=bucket, Key="young/a", Body=b"")
    midnight = datetime.now(timezone.utc).replace(hour=0, minute=0, second=0, microsecond=0)
    set_rules(s3, bucket,
              {"Filter": {"Prefix": "old/"}, "Expiration": {"Date": midnight - timedelta(days=1)}},
              {"Filter": {"Prefix": "young/"}, "Expiration": {"Date": midnight + timedelta(days=2)}})
    wait_for(lambda: keys(s3, bucket), ["young/a"])


def test_versions_end_step_by_step(s3, bucket):
    """The object gets a delete marker, its versions go, and then the marker that hides nothing any more."""
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    for body in (b"1", b"2", b"3"):
        s3.put_object(Bucket=bucket, Key="k", Body=body)
    set_rules(s3, bucket, {"Expiration": {"Days": 1}})
    wait_for(lambda: history(s3, bucket), (3, 1))
    set_rules(s3, bucket, {"NoncurrentVersionExpiration": {"NoncurrentDays": 1, "NewerNoncurrentVersions": 1}})
    wait_for(lambda: history(s3, bucket), (1, 1))
    set_rules(s3, bucket, {"NoncurrentVersionExpiration": {"NoncurrentDays": 1}},
              {"Expiration": {"ExpiredObjectDeleteMarker": True}})
    wait_for(lambda: history(s3, bucket), (0, 0))
    s3.delete_bucket(Bucket=bucket)


def test_locked_versions_stay(s3, bucket_name):
    s3.create_bucket(Bucket=bucket_name, ObjectLockEnabledForBucket=True)
    held = s3.put_object(Bucket=bucket_name, Key="k", Body=b"1", ObjectLockLegalHoldStatus="ON")["VersionId"]
    s3.put_object(Bucket=bucket_name, Key="k", Body=b"2")
    s3.put_object(Bucket=bucket_name, Key="k", Body=b"3")
    set_rules(s3, bucket_name, {"NoncurrentVersionExpiration": {"NoncurrentDays": 1}})
    wait_for(lambda: history(s3, bucket_name), (2, 0))
    s3.put_object_legal_hold(Bucket=bucket_name, Key="k", VersionId=held, LegalHold={"Status": "OFF"})
    wait_for(lambda: history(s3, bucket_name), (1, 0))


def test_unfinished_uploads_are_aborted(s3, bucket):
    old = s3.create_multipart_upload(Bucket=bucket, Key="old")
    assert "AbortDate" not in old
    set_rules(s3, bucket, {"ID": "stale", "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}})
    new = s3.create_multipart_upload(Bucket=bucket, Key="new")
    assert new["AbortRuleId"] == "stale"
    wait_for(lambda: s3.list_multipart_uploads(Bucket=bucket).get("Uploads", []), [])


def test_a_killed_server_goes_on(s3, short_days, bucket):
    for i in range(50):
        s3.put_object(Bucket=bucket, Key=f"a/{i}", Body=b"body")
    set_rules(s3, bucket, {"Filter": {"Prefix": "a/"}, "Expiration": {"Days": 1}})
    short_days.stop(kill=True)
    short_days.start()
    from drivers import boto3_client

    again = boto3_client(Endpoint(short_days.url, f"localhost:{short_days.port}", False, None))
    wait_for(lambda: keys(again, bucket), [])

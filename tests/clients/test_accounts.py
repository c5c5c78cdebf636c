"""A second account: made by `coffer account`, with buckets of its own, and nothing of another account's by itself."""

import json
import uuid

import boto3
import pytest
from botocore.client import Config
from botocore.exceptions import ClientError

from conftest import ACCESS_KEY, PROGRAM, SECRET_KEY, Server
from server import ServerFailed

MAIN = "000000000000"


@pytest.fixture(scope="module")
def server():
    server = Server(PROGRAM)
    with server.running():
        yield server


def client(server, access_key=ACCESS_KEY, secret_key=SECRET_KEY, service="s3"):
    return boto3.client(service, endpoint_url=server.url, region_name="us-east-1", aws_access_key_id=access_key,
                        aws_secret_access_key=secret_key,
                        config=Config(signature_version="s3v4", retries={"max_attempts": 1}) if service == "s3" else None)


def of_account(server, account, service="s3"):
    return client(server, account["access_key"], account["secret_key"], service)


def refused(call, *arguments, **parameters):
    with pytest.raises(ClientError) as error:
        call(*arguments, **parameters)
    return error.value.response["Error"]["Code"]


def name():
    return "test-" + uuid.uuid4().hex[:20]


@pytest.fixture
def other(server):
    return server.account("create", name())


def test_an_account_has_keys_and_ids(server, other):
    assert len(other["id"]) == 12 and len(other["canonical_id"]) == 64
    listed = {each["name"]: each for each in server.account("list")["accounts"]}
    assert listed[other["name"]]["canonical_id"] == other["canonical_id"]
    assert "secret_key" not in listed[other["name"]]
    assert listed["coffer"]["id"] == MAIN
    identity = of_account(server, other, "sts").get_caller_identity()
    assert (identity["Account"], identity["Arn"]) == (other["id"], f"arn:aws:iam::{other['id']}:root")


def test_each_sees_and_owns_its_own_buckets(server, other):
    mine, theirs = client(server), of_account(server, other)
    bucket, their_bucket = name(), name()
    mine.create_bucket(Bucket=bucket)
    theirs.create_bucket(Bucket=their_bucket)
    assert refused(theirs.create_bucket, Bucket=bucket) == "BucketAlreadyExists"
    assert refused(mine.create_bucket, Bucket=bucket) == "BucketAlreadyOwnedByYou"
    listing = theirs.list_buckets()
    assert [each["Name"] for each in listing["Buckets"]] == [their_bucket]
    assert listing["Owner"]["ID"] == other["canonical_id"]
    assert their_bucket not in [each["Name"] for each in mine.list_buckets()["Buckets"]]

    mine.put_object(Bucket=bucket, Key="k", Body=b"mine")
    assert refused(theirs.get_object, Bucket=bucket, Key="k") == "AccessDenied"
    assert refused(theirs.put_object, Bucket=bucket, Key="k", Body=b"x") == "AccessDenied"
    assert refused(theirs.list_objects_v2, Bucket=bucket) == "AccessDenied"
    assert refused(theirs.delete_bucket, Bucket=bucket) == "AccessDenied"
    assert refused(theirs.put_bucket_policy, Bucket=bucket, Policy="{}") == "AccessDenied"
    assert refused(mine.get_object, Bucket=their_bucket, Key="k") == "AccessDenied"
    copy = {"Bucket": bucket, "Key": "k"}
    assert refused(theirs.copy_object, Bucket=their_bucket, Key="k", CopySource=copy) == "AccessDenied"
    deleted = theirs.delete_objects
    assert refused(deleted, Bucket=bucket, Delete={"Objects": [{"Key": "k"}]}) == "AccessDenied"
    assert mine.get_object(Bucket=bucket, Key="k")["Body"].read() == b"mine"


def test_a_bucket_policy_lets_another_account_in(server, other):
    mine, theirs = client(server), of_account(server, other)
    bucket = name()
    mine.create_bucket(Bucket=bucket)
    mine.put_object(Bucket=bucket, Key="k", Body=b"shared")
    mine.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{other['id']}:root"},
        "Action": ["s3:GetObject", "s3:PutObject"], "Resource": f"arn:aws:s3:::{bucket}/*"}]}))
    assert theirs.get_object(Bucket=bucket, Key="k")["Body"].read() == b"shared"
    theirs.put_object(Bucket=bucket, Key="theirs", Body=b"x")
    assert refused(theirs.delete_object, Bucket=bucket, Key="k") == "AccessDenied"
    # Who wrote it does not matter: what is in the bucket is its owner's.
    owners = {each["Key"]: each["Owner"]["ID"] for each in mine.list_objects(Bucket=bucket)["Contents"]}
    assert owners["theirs"] == owners["k"] != other["canonical_id"]


def test_the_expected_owner_is_compared(server, other):
    mine = client(server)
    bucket = name()
    mine.create_bucket(Bucket=bucket)
    mine.put_object(Bucket=bucket, Key="k", Body=b"x", ExpectedBucketOwner=MAIN)
    assert refused(mine.put_object, Bucket=bucket, Key="k", Body=b"y", ExpectedBucketOwner=other["id"]) == "AccessDenied"
    assert refused(mine.get_object, Bucket=bucket, Key="k", ExpectedBucketOwner=other["id"]) == "AccessDenied"
    assert refused(mine.delete_objects, Bucket=bucket, Delete={"Objects": [{"Key": "k"}]},
                   ExpectedBucketOwner=other["id"]) == "AccessDenied"
    copy = {"Bucket": bucket, "Key": "k"}
    mine.copy_object(Bucket=bucket, Key="copy", CopySource=copy, ExpectedSourceBucketOwner=MAIN)
    assert refused(mine.copy_object, Bucket=bucket, Key="copy", CopySource=copy,
                   ExpectedSourceBucketOwner=other["id"]) == "AccessDenied"


def test_another_account_administers_nothing(server, other):
    iam, sts = of_account(server, other, "iam"), of_account(server, other, "sts")
    assert refused(iam.create_user, UserName="mallory") == "AccessDenied"
    assert refused(iam.create_access_key) == "AccessDenied"
    assert refused(iam.list_users) == "AccessDenied"
    assert refused(sts.assume_role, RoleArn="arn:aws:iam::000000000000:role/x", RoleSessionName="name") == "AccessDenied"
    assert refused(sts.get_session_token) == "AccessDenied"


def test_an_account_goes_once_it_owns_nothing(server, other):
    theirs = of_account(server, other)
    bucket = name()
    theirs.create_bucket(Bucket=bucket)
    with pytest.raises(ServerFailed, match="still owns buckets"):
        server.account("remove", other["name"])
    theirs.delete_bucket(Bucket=bucket)
    server.account("remove", other["name"])
    assert refused(theirs.list_buckets) == "InvalidAccessKeyId"
    with pytest.raises(ServerFailed, match="no account"):
        server.account("remove", other["name"])


def test_accounts_are_made_without_a_server_too():
    server = Server(PROGRAM)
    try:
        with pytest.raises(ServerFailed, match="no data directory"):
            server.account("create", "early")
        server.start()
        server.stop()
        alone = server.account("create", "alone")
        with pytest.raises(ServerFailed, match="an account 'alone' already"):
            server.account("create", "alone")
        server.start()
        of_account(server, alone).create_bucket(Bucket="of-alone")
        server.stop()
    finally:
        server.stop(kill=True)

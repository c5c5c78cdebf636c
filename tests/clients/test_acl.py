"""Object ownership and ACLs with boto3: two accounts and anonymous requests, and docs/acl.md's commands."""

import uuid

import boto3
import pytest
import requests
from botocore import UNSIGNED
from botocore.client import Config
from botocore.exceptions import ClientError

from conftest import ACCESS_KEY, PROGRAM, SECRET_KEY, Server

EVERYBODY = "http://acs.amazonaws.com/groups/global/AllUsers"
KNOWN = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"


@pytest.fixture(scope="module")
def server():
    """New buckets have ACLs, and objects are their writers'."""
    server = Server(PROGRAM, environment={"COFFER_OBJECT_OWNERSHIP": "ObjectWriter"})
    with server.running():
        yield server


def client(server, access_key=ACCESS_KEY, secret_key=SECRET_KEY, **config):
    return boto3.client("s3", endpoint_url=server.url, region_name="us-east-1", aws_access_key_id=access_key,
                        aws_secret_access_key=secret_key,
                        config=Config(retries={"max_attempts": 1}, **({"signature_version": "s3v4"} | config)))


@pytest.fixture(scope="module")
def account(server):
    return server.account("create", "other")


@pytest.fixture
def mine(server):
    return client(server)


@pytest.fixture
def theirs(server, account):
    return client(server, account["access_key"], account["secret_key"])


@pytest.fixture
def nobody(server):
    return client(server, signature_version=UNSIGNED)


@pytest.fixture
def bucket(mine):
    name = "test-" + uuid.uuid4().hex[:20]
    mine.create_bucket(Bucket=name)
    return name


def may(call, **parameters):
    """Whether the call is allowed."""
    try:
        call(**parameters)
    except ClientError as error:
        assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 403, error
        return False
    return True


def refused(call, **parameters):
    with pytest.raises(ClientError) as error:
        call(**parameters)
    return error.value.response["Error"]["Code"]


# Canned ACL of an object: whether another account, and anybody, may read it.
READABLE = {"private": (False, False), "public-read": (True, True), "public-read-write": (True, True),
            "authenticated-read": (True, False), "aws-exec-read": (False, False), "bucket-owner-read": (False, False),
            "bucket-owner-full-control": (False, False)}


@pytest.mark.parametrize("acl", READABLE)
@pytest.mark.parametrize("way", ["put", "put_acl", "copy", "multipart", "form"])
def test_canned_acls_of_objects(server, mine, theirs, nobody, bucket, acl, way):
    if way == "put":
        mine.put_object(Bucket=bucket, Key="k", Body=b"x", ACL=acl)
    elif way == "put_acl":
        mine.put_object(Bucket=bucket, Key="k", Body=b"x")
        mine.put_object_acl(Bucket=bucket, Key="k", ACL=acl)
    elif way == "copy":
        mine.put_object(Bucket=bucket, Key="source", Body=b"x", ACL="public-read")
        mine.copy_object(Bucket=bucket, Key="k", CopySource={"Bucket": bucket, "Key": "source"}, ACL=acl)
    elif way == "multipart":
        upload = mine.create_multipart_upload(Bucket=bucket, Key="k", ACL=acl)["UploadId"]
        part = mine.upload_part(Bucket=bucket, Key="k", UploadId=upload, PartNumber=1, Body=b"x")
        mine.complete_multipart_upload(Bucket=bucket, Key="k", UploadId=upload,
                                       MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]})
    else:
        form = mine.generate_presigned_post(bucket, "k", Fields={"acl": acl}, Conditions=[{"acl": acl}])
        assert requests.post(form["url"], data=form["fields"], files={"file": b"x"}, timeout=30).status_code == 204
    get = {"Bucket": bucket, "Key": "k"}
    assert may(mine.get_object, **get)
    assert (may(theirs.get_object, **get), may(nobody.get_object, **get)) == READABLE[acl]
    assert not may(theirs.get_object_acl, **get)
    assert not may(theirs.put_object_acl, **get, ACL="public-read")


# Canned ACL of a bucket: whether another account, and anybody, may list it, and put into it.
USABLE = {"private": (False, False, False, False), "public-read": (True, True, False, False),
          "public-read-write": (True, True, True, True), "authenticated-read": (True, False, False, False),
          "log-delivery-write": (False, False, False, False)}


@pytest.mark.parametrize("acl", USABLE)
def test_canned_acls_of_buckets(mine, theirs, nobody, bucket, acl):
    # boto3 knows four of them by name.
    mine.meta.events.register("before-call.s3.PutBucketAcl",
                              lambda params, **_: params["headers"].update({"x-amz-acl": acl}))
    mine.put_bucket_acl(Bucket=bucket, ACL="private")
    got = [may(who.list_objects_v2, Bucket=bucket) for who in (theirs, nobody)] + \
          [may(who.put_object, Bucket=bucket, Key="k", Body=b"x") for who in (theirs, nobody)]
    assert tuple(got) == USABLE[acl]
    assert not may(theirs.get_bucket_acl, Bucket=bucket)
    assert not may(theirs.delete_bucket, Bucket=bucket)


def test_grants_in_a_document_and_in_headers(mine, theirs, nobody, account, bucket):
    mine.put_object(Bucket=bucket, Key="k", Body=b"x")
    policy = mine.get_object_acl(Bucket=bucket, Key="k")
    grants = policy["Grants"] + [
        {"Grantee": {"Type": "CanonicalUser", "ID": account["canonical_id"]}, "Permission": "READ_ACP"},
        {"Grantee": {"Type": "Group", "URI": KNOWN}, "Permission": "READ"}]
    mine.put_object_acl(Bucket=bucket, Key="k", AccessControlPolicy={"Owner": policy["Owner"], "Grants": grants})
    told = theirs.get_object_acl(Bucket=bucket, Key="k")
    assert {(each["Grantee"].get("ID") or each["Grantee"]["URI"], each["Permission"]) for each in told["Grants"]} == {
        (policy["Owner"]["ID"], "FULL_CONTROL"), (account["canonical_id"], "READ_ACP"), (KNOWN, "READ")}
    assert may(theirs.get_object, Bucket=bucket, Key="k") and not may(nobody.get_object, Bucket=bucket, Key="k")

    mine.put_object(Bucket=bucket, Key="h", Body=b"x", GrantFullControl=f"id={policy['Owner']['ID']}",
                    GrantRead=f"uri={EVERYBODY}, id=\"{account['canonical_id']}\"")
    assert may(nobody.get_object, Bucket=bucket, Key="h")
    assert len(mine.get_object_acl(Bucket=bucket, Key="h")["Grants"]) == 3

    for grantee, code in [({"Type": "CanonicalUser", "ID": "nobody"}, "InvalidArgument"),
                          ({"Type": "Group", "URI": "http://example.com/"}, "InvalidArgument"),
                          ({"Type": "AmazonCustomerByEmail", "EmailAddress": "a@example.com"},
                           "UnresolvableGrantByEmailAddress")]:
        assert refused(mine.put_object_acl, Bucket=bucket, Key="k", AccessControlPolicy={
            "Owner": policy["Owner"], "Grants": [{"Grantee": grantee, "Permission": "READ"}]}) == code
    assert mine.get_object_acl(Bucket=bucket, Key="k")["Grants"] == told["Grants"]


def test_an_object_is_its_writers_until_ownership_is_enforced(mine, theirs, account, bucket):
    mine.put_bucket_acl(Bucket=bucket, ACL="public-read-write")
    theirs.put_object(Bucket=bucket, Key="theirs", Body=b"x")
    assert not may(mine.get_object, Bucket=bucket, Key="theirs")
    listed = {each["Key"]: each["Owner"]["ID"] for each in mine.list_objects(Bucket=bucket)["Contents"]}
    assert listed["theirs"] == account["canonical_id"]
    enforced = {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    assert refused(mine.put_bucket_ownership_controls, Bucket=bucket,
                   OwnershipControls=enforced) == "InvalidBucketAclWithObjectOwnership"
    mine.put_bucket_acl(Bucket=bucket, ACL="private")
    mine.put_bucket_ownership_controls(Bucket=bucket, OwnershipControls=enforced)
    assert mine.get_object(Bucket=bucket, Key="theirs")["Body"].read() == b"x"
    assert not may(theirs.get_object, Bucket=bucket, Key="theirs")
    assert refused(mine.put_object, Bucket=bucket, Key="k", ACL="public-read") == "AccessControlListNotSupported"
    # It never was but covered.
    mine.put_bucket_ownership_controls(Bucket=bucket,
                                       OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]})
    assert may(theirs.get_object, Bucket=bucket, Key="theirs")


def test_a_bucket_has_no_acls_unless_somebody_asks():
    server = Server(PROGRAM)
    try:
        server.start()
        mine = client(server)
        mine.create_bucket(Bucket="plain")
        assert refused(mine.put_bucket_acl, Bucket="plain", ACL="public-read") == "AccessControlListNotSupported"
        assert refused(mine.put_object, Bucket="plain", Key="k", ACL="public-read") == "AccessControlListNotSupported"
        assert refused(mine.create_bucket, Bucket="open", ACL="public-read") == "InvalidBucketAclWithObjectOwnership"
        # Many clients say this with every request.
        mine.put_object(Bucket="plain", Key="k", ACL="private")
        mine.create_bucket(Bucket="open", ACL="public-read", ObjectOwnership="ObjectWriter")
        mine.put_object(Bucket="open", Key="k", Body=b"x", ACL="public-read")
        assert requests.get(f"{server.url}/open/k", timeout=30).content == b"x"
        server.stop()
    finally:
        server.stop(kill=True)

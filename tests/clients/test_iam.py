"""IAM and STS with boto3: users, groups, policies, access keys, sessions, and what they may do in S3."""

import json
import uuid
from datetime import datetime, timezone

import boto3
import pytest
import requests
from botocore.client import Config
from botocore.exceptions import ClientError


def client(endpoint, service, key=None):
    """A client of `service` for who has the key: an AccessKey of IAM, Credentials of STS, or root."""
    key = key or {"AccessKeyId": endpoint.access_key, "SecretAccessKey": endpoint.secret_key}
    return boto3.client(service, endpoint_url=endpoint.url, region_name=endpoint.region,
                        verify=endpoint.ca_file or True, aws_access_key_id=key["AccessKeyId"],
                        aws_secret_access_key=key["SecretAccessKey"], aws_session_token=key.get("SessionToken"),
                        config=Config(signature_version="s3v4") if service == "s3" else None)


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def statement(action, resource, effect="Allow"):
    return {"Effect": effect, "Action": action, "Resource": resource}


def refused(call, *arguments, **parameters):
    """The code with which the call is refused."""
    with pytest.raises(ClientError) as error:
        call(*arguments, **parameters)
    return error.value.response["Error"]["Code"]


@pytest.fixture
def iam(endpoint):
    return client(endpoint, "iam")


@pytest.fixture
def user(iam):
    """The name of a new user, and its key."""
    name = "user-" + uuid.uuid4().hex[:12]
    iam.create_user(UserName=name)
    return name, iam.create_access_key(UserName=name)["AccessKey"]


def test_a_user_may_nothing_until_a_policy_allows_it(endpoint, iam, s3, user, bucket):
    name, key = user
    s3.put_object(Bucket=bucket, Key="k", Body=b"body")
    theirs = client(endpoint, "s3", key)
    assert refused(theirs.get_object, Bucket=bucket, Key="k") == "AccessDenied"
    iam.put_user_policy(UserName=name, PolicyName="read",
                        PolicyDocument=document(statement("s3:GetObject", f"arn:aws:s3:::{bucket}/*")))
    assert theirs.get_object(Bucket=bucket, Key="k")["Body"].read() == b"body"
    assert refused(theirs.put_object, Bucket=bucket, Key="k", Body=b"") == "AccessDenied"
    assert refused(theirs.list_objects_v2, Bucket=bucket) == "AccessDenied"
    assert refused(theirs.list_buckets) == "AccessDenied"
    assert iam.list_user_policies(UserName=name)["PolicyNames"] == ["read"]
    got = iam.get_user_policy(UserName=name, PolicyName="read")["PolicyDocument"]
    assert got["Statement"][0]["Action"] == "s3:GetObject"
    iam.delete_user_policy(UserName=name, PolicyName="read")
    assert refused(theirs.get_object, Bucket=bucket, Key="k") == "AccessDenied"


def test_every_way_of_signing_knows_the_user(endpoint, iam, s3, user, bucket):
    name, key = user
    iam.attach_user_policy(UserName=name, PolicyArn="arn:aws:iam::aws:policy/readwrite")
    for version in ("s3v4", "s3"):
        theirs = boto3.client("s3", endpoint_url=endpoint.url, region_name=endpoint.region,
                              verify=endpoint.ca_file or True, aws_access_key_id=key["AccessKeyId"],
                              aws_secret_access_key=key["SecretAccessKey"], config=Config(signature_version=version))
        theirs.put_object(Bucket=bucket, Key="k", Body=b"body" * 1000)
        link = theirs.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "k"})
        verify = endpoint.ca_file or True
        assert requests.get(link, timeout=30, verify=verify).content == b"body" * 1000
        iam.update_access_key(UserName=name, AccessKeyId=key["AccessKeyId"], Status="Inactive")
        assert requests.get(link, timeout=30, verify=verify).status_code == 403
        assert refused(theirs.get_object, Bucket=bucket, Key="k") == "InvalidAccessKeyId"
        iam.update_access_key(UserName=name, AccessKeyId=key["AccessKeyId"], Status="Active")


def test_groups_give_their_users_what_they_have(endpoint, iam, user, bucket):
    name, key = user
    group = name + "-group"
    iam.create_group(GroupName=group)
    policy = iam.create_policy(PolicyName=name + "-policy",
                               PolicyDocument=document(statement("s3:*", f"arn:aws:s3:::{bucket}/${{aws:username}}/*")))
    arn = policy["Policy"]["Arn"]
    iam.attach_group_policy(GroupName=group, PolicyArn=arn)
    theirs = client(endpoint, "s3", key)
    assert refused(theirs.put_object, Bucket=bucket, Key=f"{name}/k", Body=b"") == "AccessDenied"
    iam.add_user_to_group(GroupName=group, UserName=name)
    theirs.put_object(Bucket=bucket, Key=f"{name}/k", Body=b"")
    assert refused(theirs.put_object, Bucket=bucket, Key="other/k", Body=b"") == "AccessDenied"
    assert [each["UserName"] for each in iam.get_group(GroupName=group)["Users"]] == [name]
    assert [each["GroupName"] for each in iam.list_groups_for_user(UserName=name)["Groups"]] == [group]
    assert iam.get_policy(PolicyArn=arn)["Policy"]["AttachmentCount"] == 1
    assert refused(iam.delete_policy, PolicyArn=arn) == "DeleteConflict"
    assert refused(iam.delete_group, GroupName=group) == "DeleteConflict"
    iam.remove_user_from_group(GroupName=group, UserName=name)
    iam.detach_group_policy(GroupName=group, PolicyArn=arn)
    iam.delete_group(GroupName=group)
    iam.delete_policy(PolicyArn=arn)
    assert refused(theirs.put_object, Bucket=bucket, Key=f"{name}/k", Body=b"") == "AccessDenied"


def test_a_denial_decides(endpoint, iam, user, bucket):
    name, key = user
    iam.attach_user_policy(UserName=name, PolicyArn="arn:aws:iam::aws:policy/readwrite")
    iam.put_user_policy(UserName=name, PolicyName="not", PolicyDocument=document(
        statement("s3:*", f"arn:aws:s3:::{bucket}/secret/*", "Deny")))
    theirs = client(endpoint, "s3", key)
    theirs.put_object(Bucket=bucket, Key="open/k", Body=b"")
    assert refused(theirs.put_object, Bucket=bucket, Key="secret/k", Body=b"") == "AccessDenied"
    assert refused(theirs.copy_object, Bucket=bucket, Key="secret/k",
                   CopySource=f"{bucket}/open/k") == "AccessDenied"


def test_readwrite_lists_buckets_unless_it_is_denied(endpoint, iam, user, bucket):
    name, key = user
    iam.attach_user_policy(UserName=name, PolicyArn="arn:aws:iam::aws:policy/readwrite")
    theirs = client(endpoint, "s3", key)
    assert bucket in [each["Name"] for each in theirs.list_buckets()["Buckets"]]
    iam.put_user_policy(UserName=name, PolicyName="not", PolicyDocument=document(
        statement("s3:ListAllMyBuckets", "arn:aws:s3:::*", "Deny")))
    assert refused(theirs.list_buckets) == "AccessDenied"


def test_a_buckets_policy_lets_one_user_in(endpoint, s3, user, bucket):
    name, key = user
    s3.put_object(Bucket=bucket, Key="k", Body=b"body")
    s3.put_bucket_policy(Bucket=bucket, Policy=document({
        **statement("s3:GetObject", f"arn:aws:s3:::{bucket}/*"),
        "Principal": {"AWS": f"arn:aws:iam::000000000000:user/{name}"}}))
    assert client(endpoint, "s3", key).get_object(Bucket=bucket, Key="k")["Body"].read() == b"body"


def test_a_session_acts_for_its_user_within_its_policy(endpoint, iam, user, bucket):
    name, key = user
    iam.attach_user_policy(UserName=name, PolicyArn="arn:aws:iam::aws:policy/readwrite")
    sts = client(endpoint, "sts", key)
    assert sts.get_caller_identity()["Arn"] == f"arn:aws:iam::000000000000:user/{name}"
    opened = sts.assume_role(RoleArn="arn:aws:iam::000000000000:role/any", RoleSessionName="job", DurationSeconds=900,
                             Policy=document(statement("s3:GetObject", f"arn:aws:s3:::{bucket}/*")))
    session = opened["Credentials"]
    assert 800 < (session["Expiration"] - datetime.now(timezone.utc)).total_seconds() <= 900
    theirs = client(endpoint, "s3", key)
    theirs.put_object(Bucket=bucket, Key="k", Body=b"body")
    narrow = client(endpoint, "s3", session)
    assert narrow.get_object(Bucket=bucket, Key="k")["Body"].read() == b"body"
    assert refused(narrow.put_object, Bucket=bucket, Key="k", Body=b"") == "AccessDenied"
    link = narrow.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "k"})
    assert requests.get(link, timeout=30, verify=endpoint.ca_file or True).content == b"body"
    wrong = {**session, "SessionToken": session["SessionToken"][:-4] + "AAAA"}
    assert refused(client(endpoint, "s3", wrong).get_object, Bucket=bucket, Key="k") == "InvalidToken"
    without = {name: value for name, value in session.items() if name != "SessionToken"}
    assert refused(client(endpoint, "s3", without).get_object, Bucket=bucket, Key="k") == "InvalidAccessKeyId"
    assert client(endpoint, "sts", session).get_caller_identity()["Arn"].endswith(f"assumed-role/{name}/job")
    assert refused(client(endpoint, "sts", session).get_session_token) == "AccessDenied"

    wide = client(endpoint, "s3", sts.get_session_token()["Credentials"])
    wide.put_object(Bucket=bucket, Key="k2", Body=b"")
    iam.detach_user_policy(UserName=name, PolicyArn="arn:aws:iam::aws:policy/readwrite")
    assert refused(wide.put_object, Bucket=bucket, Key="k2", Body=b"") == "AccessDenied"


def test_a_user_is_deleted_once_nothing_is_left(iam, user):
    name, key = user
    assert refused(iam.delete_user, UserName=name) == "DeleteConflict"
    iam.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])
    iam.delete_user(UserName=name)
    assert refused(iam.get_user, UserName=name) == "NoSuchEntity"


def test_lists_come_in_pages(iam):
    stem = "page-" + uuid.uuid4().hex[:8]
    names = [f"{stem}-{number}" for number in range(5)]
    for name in names:
        iam.create_user(UserName=name, Path=f"/{stem}/")
    pages = iam.get_paginator("list_users").paginate(PaginationConfig={"PageSize": 2}, PathPrefix=f"/{stem}/")
    assert [each["UserName"] for page in pages for each in page["Users"]] == names
    policies = iam.get_paginator("list_policies").paginate(Scope="AWS", PaginationConfig={"PageSize": 3})
    assert "readonly" in [each["PolicyName"] for page in policies for each in page["Policies"]]


def test_users_do_not_administer_users(endpoint, user):
    name, key = user
    theirs = client(endpoint, "iam", key)
    assert refused(theirs.create_user, UserName="another") == "AccessDenied"
    assert refused(theirs.attach_user_policy, UserName=name,
                   PolicyArn="arn:aws:iam::aws:policy/readwrite") == "AccessDenied"
    assert refused(theirs.create_access_key, UserName=name) == "AccessDenied"

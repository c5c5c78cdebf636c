"""Versions and tags with boto3, step by step as an application uses them."""

import pytest
from botocore.exceptions import ClientError


def code_of(error):
    return error.value.response["Error"]["Code"]


def status_of(error):
    return error.value.response["ResponseMetadata"]["HTTPStatusCode"]


def headers_of(error):
    return error.value.response["ResponseMetadata"]["HTTPHeaders"]


@pytest.fixture
def versioned(s3, bucket):
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    return bucket


def put(s3, bucket, body, key="k"):
    return s3.put_object(Bucket=bucket, Key=key, Body=body).get("VersionId")


def read(s3, bucket, version=None, key="k"):
    return s3.get_object(Bucket=bucket, Key=key, **({"VersionId": version} if version else {}))["Body"].read()


def test_versioning_is_told_as_it_was_set(s3, bucket):
    assert "Status" not in s3.get_bucket_versioning(Bucket=bucket)
    for status in ("Suspended", "Enabled", "Suspended"):
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": status})
        assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == status
    with pytest.raises(ClientError) as error:
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "enabled"})
    assert code_of(error) == "MalformedXML"


def test_an_overwritten_object_is_read_restored_and_purged(s3, versioned):
    first, second = put(s3, versioned, b"first"), put(s3, versioned, b"second")
    assert read(s3, versioned) == b"second" and read(s3, versioned, first) == b"first"
    s3.copy_object(Bucket=versioned, Key="k", CopySource={"Bucket": versioned, "Key": "k", "VersionId": first})
    assert read(s3, versioned) == b"first"
    for version in s3.list_object_versions(Bucket=versioned)["Versions"]:
        s3.delete_object(Bucket=versioned, Key="k", VersionId=version["VersionId"])
    with pytest.raises(ClientError) as error:
        read(s3, versioned, second)
    assert code_of(error) == "NoSuchVersion"
    s3.delete_bucket(Bucket=versioned)


def test_a_deleted_object_comes_back_with_its_delete_marker_gone(s3, versioned):
    version = put(s3, versioned, b"body")
    deleted = s3.delete_object(Bucket=versioned, Key="k")
    assert deleted["DeleteMarker"] is True
    with pytest.raises(ClientError) as error:
        s3.head_object(Bucket=versioned, Key="k")
    assert status_of(error) == 404 and headers_of(error)["x-amz-delete-marker"] == "true"
    with pytest.raises(ClientError) as error:
        read(s3, versioned, deleted["VersionId"])
    assert code_of(error) == "MethodNotAllowed" and "last-modified" in headers_of(error)
    assert "Contents" not in s3.list_objects_v2(Bucket=versioned)
    with pytest.raises(ClientError) as error:
        s3.delete_bucket(Bucket=versioned)
    assert code_of(error) == "BucketNotEmpty"
    assert s3.delete_object(Bucket=versioned, Key="k", VersionId=deleted["VersionId"])["DeleteMarker"] is True
    assert read(s3, versioned) == b"body" and s3.head_object(Bucket=versioned, Key="k")["VersionId"] == version


def test_suspended_versioning_replaces_the_null_version_alone(s3, bucket):
    assert put(s3, bucket, b"before") is None
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    kept = put(s3, bucket, b"kept")
    assert read(s3, bucket, "null") == b"before"
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
    assert put(s3, bucket, b"after") is None
    assert read(s3, bucket, "null") == b"after" and read(s3, bucket, kept) == b"kept"
    assert s3.delete_object(Bucket=bucket, Key="k")["VersionId"] == "null"
    listed = s3.list_object_versions(Bucket=bucket)
    assert [v["VersionId"] for v in listed["Versions"]] == [kept]
    assert [m["VersionId"] for m in listed["DeleteMarkers"]] == ["null"]


def test_versions_are_listed_in_pages(s3, versioned):
    expected = []
    for key in ("a", "a/b", "c"):
        ids = [put(s3, versioned, bytes([i]), key) for i in range(3)]
        expected += [(key, version) for version in reversed(ids)]
    for size in (1, 2, 4, 1000):
        pages = s3.get_paginator("list_object_versions").paginate(Bucket=versioned, PaginationConfig={"PageSize": size})
        versions = [version for page in pages for version in page.get("Versions", [])]
        assert [(v["Key"], v["VersionId"]) for v in versions] == expected
        assert [v["IsLatest"] for v in versions] == [True, False, False] * 3
    rolled = s3.list_object_versions(Bucket=versioned, Delimiter="/")
    assert [p["Prefix"] for p in rolled["CommonPrefixes"]] == ["a/"] and len(rolled["Versions"]) == 6


def test_a_bucket_is_emptied_by_many_deletions(s3, versioned):
    objects = [{"Key": f"k{i}", "VersionId": put(s3, versioned, b"x", f"k{i}")} for i in range(5)]
    markers = s3.delete_objects(Bucket=versioned, Delete={"Objects": [{"Key": o["Key"]} for o in objects]})["Deleted"]
    assert all(m["DeleteMarker"] for m in markers)
    objects += [{"Key": m["Key"], "VersionId": m["DeleteMarkerVersionId"]} for m in markers]
    done = s3.delete_objects(Bucket=versioned, Delete={"Objects": objects})
    assert "Errors" not in done and len(done["Deleted"]) == 10
    s3.delete_bucket(Bucket=versioned)


def test_parts_make_a_version(s3, versioned):
    first = put(s3, versioned, b"old")
    upload = s3.create_multipart_upload(Bucket=versioned, Key="k", Tagging="made=of parts")["UploadId"]
    part = s3.upload_part_copy(Bucket=versioned, Key="k", UploadId=upload, PartNumber=1,
                               CopySource={"Bucket": versioned, "Key": "k", "VersionId": first})
    assert part["CopySourceVersionId"] == first
    done = s3.complete_multipart_upload(
        Bucket=versioned, Key="k", UploadId=upload,
        MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["CopyPartResult"]["ETag"]}]})
    assert read(s3, versioned, done["VersionId"]) == b"old" and done["VersionId"] != first
    assert s3.get_object_tagging(Bucket=versioned, Key="k")["TagSet"] == [{"Key": "made", "Value": "of parts"}]


def test_ids_that_no_version_has(s3, versioned):
    put(s3, versioned, b"x")
    for version, code in (("nonsense", "InvalidArgument"), ("0" * 32, "NoSuchVersion")):
        with pytest.raises(ClientError) as error:
            read(s3, versioned, version)
        assert code_of(error) == code


def test_tags_of_objects(s3, versioned):
    tags = [{"Key": "colour", "Value": "blue"}, {"Key": "über", "Value": "x+y=z"}]
    first = s3.put_object(Bucket=versioned, Key="k", Body=b"1", Tagging="colour=blue&%C3%BCber=x%2By%3Dz")["VersionId"]
    assert s3.get_object_tagging(Bucket=versioned, Key="k")["TagSet"] == tags
    assert s3.head_object(Bucket=versioned, Key="k")["ResponseMetadata"]["HTTPHeaders"]["x-amz-tagging-count"] == "2"
    put(s3, versioned, b"2")
    s3.put_object_tagging(Bucket=versioned, Key="k", Tagging={"TagSet": tags[:1]})
    assert s3.get_object_tagging(Bucket=versioned, Key="k")["TagSet"] == tags[:1]
    assert s3.get_object_tagging(Bucket=versioned, Key="k", VersionId=first)["TagSet"] == tags
    s3.delete_object_tagging(Bucket=versioned, Key="k", VersionId=first)
    assert s3.get_object_tagging(Bucket=versioned, Key="k", VersionId=first)["TagSet"] == []
    s3.copy_object(Bucket=versioned, Key="copy", CopySource={"Bucket": versioned, "Key": "k"})
    assert s3.get_object_tagging(Bucket=versioned, Key="copy")["TagSet"] == tags[:1]
    s3.copy_object(Bucket=versioned, Key="copy", CopySource={"Bucket": versioned, "Key": "k"},
                   TaggingDirective="REPLACE", Tagging="other=1")
    assert s3.get_object_tagging(Bucket=versioned, Key="copy")["TagSet"] == [{"Key": "other", "Value": "1"}]


@pytest.mark.parametrize("tags", [
    [{"Key": f"k{i}", "Value": "v"} for i in range(11)], [{"Key": "k" * 129, "Value": "v"}],
    [{"Key": "k", "Value": "v" * 257}], [{"Key": "k", "Value": "1"}, {"Key": "k", "Value": "2"}],
    [{"Key": "a&b", "Value": "v"}], [{"Key": "aws:k", "Value": "v"}],
], ids=["eleven", "long key", "long value", "twice", "character", "reserved"])
def test_tags_over_a_limit_change_nothing(s3, bucket, tags):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x", Tagging="kept=1")
    with pytest.raises(ClientError) as error:
        s3.put_object_tagging(Bucket=bucket, Key="k", Tagging={"TagSet": tags})
    assert code_of(error) == "InvalidTag" and status_of(error) == 400
    assert s3.get_object_tagging(Bucket=bucket, Key="k")["TagSet"] == [{"Key": "kept", "Value": "1"}]


def test_tags_of_buckets(s3, bucket):
    with pytest.raises(ClientError) as error:
        s3.get_bucket_tagging(Bucket=bucket)
    assert code_of(error) == "NoSuchTagSet"
    tags = [{"Key": f"k{i:02}", "Value": "v"} for i in range(50)]
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": tags})
    assert s3.get_bucket_tagging(Bucket=bucket)["TagSet"] == tags
    with pytest.raises(ClientError) as error:
        s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": tags + [{"Key": "more", "Value": "v"}]})
    assert code_of(error) == "InvalidTag"
    s3.delete_bucket_tagging(Bucket=bucket)
    with pytest.raises(ClientError) as error:
        s3.get_bucket_tagging(Bucket=bucket)
    assert code_of(error) == "NoSuchTagSet"

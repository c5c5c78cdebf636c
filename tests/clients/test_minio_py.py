"""minio-py: streams of unknown length, ranges, metadata, composing, links, deleting many."""

import io
from datetime import timedelta

import pytest
import requests
from drivers import MIB, MinioPy
from minio.commonconfig import ComposeSource, CopySource
from minio.deleteobjects import DeleteObject
from minio.error import S3Error


@pytest.fixture
def client(endpoint, tmp_path):
    return MinioPy(endpoint, tmp_path).client


def test_buckets(client, bucket_name):
    assert not client.bucket_exists(bucket_name)
    client.make_bucket(bucket_name)
    assert client.bucket_exists(bucket_name)
    assert bucket_name in [item.name for item in client.list_buckets()]
    client.remove_bucket(bucket_name)
    assert not client.bucket_exists(bucket_name)


def test_a_stream_of_unknown_length(client, bucket, some_bytes):
    body = some_bytes(11 * MIB)
    client.put_object(bucket, "stream", io.BytesIO(body), length=-1, part_size=5 * MIB)
    stat = client.stat_object(bucket, "stream")
    assert stat.size == len(body) and stat.etag.endswith("-3")
    assert client.get_object(bucket, "stream").read() == body


def test_metadata_and_content_type(client, bucket):
    client.put_object(bucket, "k", io.BytesIO(b"x"), 1, content_type="application/pdf",
                      metadata={"user-id": "42", "original": "report.pdf"})
    stat = client.stat_object(bucket, "k")
    assert stat.content_type == "application/pdf"
    assert stat.metadata["x-amz-meta-user-id"] == "42" and stat.metadata["x-amz-meta-original"] == "report.pdf"


def test_a_range(client, bucket, some_bytes):
    body = some_bytes(100_000)
    client.put_object(bucket, "k", io.BytesIO(body), len(body))
    assert client.get_object(bucket, "k", offset=70_000, length=1000).read() == body[70_000:71_000]


def test_listing_by_folder(client, bucket):
    for key in ("a/1", "a/2", "a/deep/3", "b"):
        client.put_object(bucket, key, io.BytesIO(b"x"), 1)
    # It gives a page's objects first, then its folders.
    assert sorted(item.object_name for item in client.list_objects(bucket)) == ["a/", "b"]
    assert sorted(item.object_name for item in client.list_objects(bucket, prefix="a/")) == ["a/1", "a/2", "a/deep/"]
    assert [item.object_name for item in client.list_objects(bucket, prefix="a/", recursive=True)] == \
        ["a/1", "a/2", "a/deep/3"]


def test_copy_and_compose(client, bucket, some_bytes):
    first, second = some_bytes(5 * MIB), some_bytes(1234)
    client.put_object(bucket, "first", io.BytesIO(first), len(first), metadata={"a": "1"})
    client.put_object(bucket, "second", io.BytesIO(second), len(second))
    client.copy_object(bucket, "copy", CopySource(bucket, "first"))
    assert client.stat_object(bucket, "copy").metadata["x-amz-meta-a"] == "1"
    client.compose_object(bucket, "both", [ComposeSource(bucket, "first"), ComposeSource(bucket, "second")])
    assert client.get_object(bucket, "both").read() == first + second


def test_presigned_links(client, endpoint, bucket):
    url = client.presigned_put_object(bucket, "k", expires=timedelta(minutes=5))
    assert requests.put(url, data=b"by link", verify=endpoint.ca_file).status_code == 200
    url = client.presigned_get_object(bucket, "k", expires=timedelta(minutes=5))
    assert requests.get(url, verify=endpoint.ca_file).content == b"by link"


def test_deletes_many(client, bucket):
    keys = [f"k{i}" for i in range(30)]
    for key in keys:
        client.put_object(bucket, key, io.BytesIO(b"x"), 1)
    assert list(client.remove_objects(bucket, [DeleteObject(key) for key in keys])) == []
    assert list(client.list_objects(bucket)) == []


def test_errors_have_s3s_codes(client, bucket):
    with pytest.raises(S3Error) as error:
        client.get_object(bucket, "missing")
    assert error.value.code == "NoSuchKey"
    with pytest.raises(S3Error) as error:
        client.make_bucket(bucket)
    assert error.value.code == "BucketAlreadyOwnedByYou"

"""IOB MAIIS: a banking assistant with MinIO in development and S3 in production, and a script that copies between."""

import hashlib
import io
from datetime import timedelta

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from minio.error import S3Error

CREDENTIALS = ("minioadmin", "minioadmin")
BUCKETS = ("documents", "audio", "images")
PRODUCTION = "iob-maiis-production"
EXPIRY_S = 3600
MAX_UPLOAD_BYTES = 10485760


@pytest.fixture
def minio_client(endpoint):
    client = endpoint.minio(region="us-east-1")
    for bucket in BUCKETS:
        if not client.bucket_exists(bucket):
            client.make_bucket(bucket, location="us-east-1")
    return client


@pytest.fixture
def s3_client(endpoint):
    client = boto3.client("s3", endpoint_url=endpoint.url, aws_access_key_id=endpoint.access_key,
                          aws_secret_access_key=endpoint.secret_key, region_name="us-east-1",
                          use_ssl=endpoint.secure, verify=endpoint.ca_file,
                          config=Config(signature_version="s3v4"))
    try:
        client.head_bucket(Bucket=PRODUCTION)
    except ClientError as error:
        assert error.response["Error"]["Code"] == "404"
        client.create_bucket(Bucket=PRODUCTION)
    return client


@pytest.mark.parametrize("bucket, name, content_type, metadata", [
    ("documents", "user_1/invoice_123.pdf", "application/pdf", {"category": "invoice", "year": "2025"}),
    ("documents", "user_1/report_789.docx",
     "application/vnd.openxmlformats-officedocument.wordprocessingml.document", {}),
    ("audio", "user_1/recording_2025-01-17_10-30.mp3", "audio/mpeg", {"source": "microphone"}),
    ("images", "user_1/receipt_scan.jpg", "image/jpeg", {"ocr": "pending"})])
def test_a_file_lives_its_life_on_minio(endpoint, minio_client, bucket, name, content_type, metadata):
    data = name.encode() * 1000
    result = minio_client.put_object(bucket, name, io.BytesIO(data), len(data), content_type=content_type,
                                     metadata=metadata)
    assert (result.bucket_name, result.object_name) == (bucket, name)
    assert result.etag == hashlib.md5(data).hexdigest()

    info = minio_client.stat_object(bucket, name)
    assert (info.size, info.content_type) == (len(data), content_type)
    for key, value in metadata.items():
        assert info.metadata[f"x-amz-meta-{key}"] == value

    response = minio_client.get_object(bucket, name)
    assert response.read() == data
    response.close()
    response.release_conn()

    link = minio_client.presigned_get_object(bucket, name, expires=timedelta(seconds=EXPIRY_S))
    answer = endpoint.get(link)
    assert answer.data == data and answer.headers["Content-Type"] == content_type

    minio_client.remove_object(bucket, name)
    with pytest.raises(S3Error) as error:
        minio_client.stat_object(bucket, name)
    assert error.value.code == "NoSuchKey"
    assert endpoint.get(link).status == 404


def test_each_user_sees_only_what_is_under_its_name(minio_client):
    for name in ("user_1/contract_456.pdf", "user_1/old/contract_1.pdf", "user_10/statement.pdf",
                 "user_2/statement.pdf"):
        minio_client.put_object("documents", name, io.BytesIO(name.encode()), len(name))

    def names(user):
        found = list(minio_client.list_objects("documents", prefix=f"user_{user}/", recursive=True))
        assert all(item.size == len(item.object_name) for item in found)
        return [item.object_name for item in found]

    assert names(1) == ["user_1/contract_456.pdf", "user_1/old/contract_1.pdf"]
    assert names(10) == ["user_10/statement.pdf"]
    assert names(3) == []


def test_the_three_buckets_are_there_once(minio_client):
    assert set(BUCKETS) <= {bucket.name for bucket in minio_client.list_buckets()}
    with pytest.raises(S3Error) as error:
        minio_client.make_bucket("documents")
    assert error.value.code == "BucketAlreadyOwnedByYou"


def test_a_file_lives_its_life_on_s3(endpoint, s3_client):
    key = "documents/user_1/invoice.pdf"
    data = b"%PDF" + bytes(5000)
    put = s3_client.put_object(Bucket=PRODUCTION, Key=key, Body=data, ContentType="application/pdf",
                               Metadata={"category": "invoice", "year": "2025"})
    assert put["ETag"] == f'"{hashlib.md5(data).hexdigest()}"'
    head = s3_client.head_object(Bucket=PRODUCTION, Key=key)
    assert head["ContentLength"] == len(data) and head["ContentType"] == "application/pdf"
    assert head["Metadata"] == {"category": "invoice", "year": "2025"}
    assert s3_client.get_object(Bucket=PRODUCTION, Key=key)["Body"].read() == data
    link = s3_client.generate_presigned_url("get_object", Params={"Bucket": PRODUCTION, "Key": key},
                                            ExpiresIn=EXPIRY_S)
    assert "X-Amz-Signature=" in link and endpoint.get(link).data == data
    listed = s3_client.list_objects_v2(Bucket=PRODUCTION, Prefix="documents/user_1/")
    assert [(item["Key"], item["Size"]) for item in listed["Contents"]] == [(key, len(data))]
    s3_client.delete_object(Bucket=PRODUCTION, Key=key)
    with pytest.raises(ClientError) as error:
        s3_client.head_object(Bucket=PRODUCTION, Key=key)
    assert error.value.response["Error"]["Code"] == "404"


def test_the_largest_upload_that_is_allowed(minio_client, s3_client):
    data = bytes(range(256)) * (MAX_UPLOAD_BYTES // 256)
    minio_client.put_object("documents", "user_1/large.pdf", io.BytesIO(data), len(data))
    assert minio_client.get_object("documents", "user_1/large.pdf").read() == data
    # boto3 makes parts of it.
    s3_client.upload_fileobj(io.BytesIO(data), PRODUCTION, "documents/user_1/large.pdf",
                             ExtraArgs={"ContentType": "application/pdf", "Metadata": {"user_id": "1"}})
    head = s3_client.head_object(Bucket=PRODUCTION, Key="documents/user_1/large.pdf")
    assert head["ETag"].endswith('-2"') and head["ContentType"] == "application/pdf"
    received = io.BytesIO()
    s3_client.download_fileobj(PRODUCTION, "documents/user_1/large.pdf", received)
    assert received.getvalue() == data


def test_the_script_that_copies_from_minio_to_s3(minio_client, s3_client):
    for n in range(25):
        body = f"recording {n}".encode()
        minio_client.put_object("audio", f"user_{n % 3}/move_{n:02}.mp3", io.BytesIO(body), len(body),
                                content_type="audio/mpeg", metadata={"n": str(n)})
    sources = [item for item in minio_client.list_objects("audio", recursive=True) if "/move_" in item.object_name]
    assert len(sources) == 25

    for item in sources:
        stat = minio_client.stat_object("audio", item.object_name)
        response = minio_client.get_object("audio", item.object_name)
        s3_client.put_object(Bucket=PRODUCTION, Key=f"audio/{item.object_name}", Body=response.read(),
                             ContentType=stat.content_type, Metadata={"n": stat.metadata["x-amz-meta-n"]})
        response.release_conn()

    pages = s3_client.get_paginator("list_objects_v2").paginate(
        Bucket=PRODUCTION, Prefix="audio/", PaginationConfig={"PageSize": 10})
    copied = {entry["Key"]: entry for page in pages for entry in page["Contents"]}
    for item in sources:
        entry = copied[f"audio/{item.object_name}"]
        assert entry["Size"] == item.size and entry["ETag"].strip('"') == item.etag.strip('"')


def test_what_the_deployment_asks_for_health(endpoint):
    assert endpoint.get("/minio/health/live").status == 200

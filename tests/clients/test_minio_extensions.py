"""What MinIO's clients ask for beyond S3: quotas, listings with metadata, buckets made and deleted by force."""

import io
import json
import subprocess
import zipfile

import pytest
from botocore.exceptions import ClientError
from drivers import run
from minio import Minio
from test_mc import MC, is_minios

needs_mc = pytest.mark.skipif(not is_minios(MC), reason="MinIO's mc is not there; MC_PROGRAM names one")


@pytest.fixture
def mc(endpoint, tmp_path):
    def call(*arguments):
        more = {"SSL_CERT_FILE": endpoint.ca_file} if endpoint.ca_file else {}
        scheme, host = endpoint.url.split("://")
        told = run(MC, "--config-dir", tmp_path / "mc", "--json", *arguments, stdin=subprocess.DEVNULL, environment={
            "MC_HOST_coffer": f"{scheme}://{endpoint.access_key}:{endpoint.secret_key}@{host}", **more})
        return [json.loads(line) for line in told.splitlines()]

    return call


def code_of(error):
    return error.value.response["Error"]["Code"]


@needs_mc
def test_mc_sets_tells_and_clears_a_quota(mc, s3, bucket):
    assert "quota" not in mc("quota", "info", f"coffer/{bucket}")[0]  # mc leaves a zero out
    mc("quota", "set", f"coffer/{bucket}", "--size", "1KiB")
    assert mc("quota", "info", f"coffer/{bucket}")[0]["quota"] == 1024
    s3.put_object(Bucket=bucket, Key="a", Body=b"x" * 1000)
    with pytest.raises(ClientError) as error:
        s3.put_object(Bucket=bucket, Key="b", Body=b"x" * 25)
    assert code_of(error) == "XMinioAdminBucketQuotaExceeded"
    with pytest.raises(ClientError) as error:
        s3.copy_object(Bucket=bucket, Key="b", CopySource={"Bucket": bucket, "Key": "a"})
    assert code_of(error) == "XMinioAdminBucketQuotaExceeded"
    upload = s3.create_multipart_upload(Bucket=bucket, Key="m")["UploadId"]
    part = s3.upload_part(Bucket=bucket, Key="m", UploadId=upload, PartNumber=1, Body=b"x" * 25)["ETag"]
    parts = {"Parts": [{"PartNumber": 1, "ETag": part}]}
    with pytest.raises(ClientError) as error:
        s3.complete_multipart_upload(Bucket=bucket, Key="m", UploadId=upload, MultipartUpload=parts)
    assert code_of(error) == "XMinioAdminBucketQuotaExceeded"
    mc("quota", "clear", f"coffer/{bucket}")
    s3.complete_multipart_upload(Bucket=bucket, Key="m", UploadId=upload, MultipartUpload=parts)
    assert [entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["a", "m"]


def test_minio_py_lists_metadata(endpoint, s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x", ContentType="image/png", Metadata={"my-color": "blue"}, Tagging="a=1")
    client = Minio(endpoint.host, endpoint.access_key, endpoint.secret_key, secure=endpoint.tls, region=endpoint.region,
                   http_client=None if not endpoint.ca_file else pool_that_trusts(endpoint.ca_file))
    [listed] = client.list_objects(bucket, include_user_meta=True)
    assert listed.metadata["X-Amz-Meta-My-Color"] == "blue" and listed.metadata["content-type"] == "image/png"
    assert listed.tags == {"a": "1"}


def pool_that_trusts(ca_file):
    import urllib3

    return urllib3.PoolManager(cert_reqs="CERT_REQUIRED", ca_certs=ca_file)


@needs_mc
def test_mc_removes_a_bucket_with_all_its_versions(mc, s3, bucket):
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    for body in (b"1", b"2"):
        s3.put_object(Bucket=bucket, Key="a/k", Body=body)
    s3.delete_object(Bucket=bucket, Key="a/k")
    mc("rb", "--force", f"coffer/{bucket}")
    with pytest.raises(ClientError):
        s3.head_bucket(Bucket=bucket)


def test_files_are_read_inside_an_archive(s3, bucket):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("docs/a.txt", b"inside " * 100_000)
        made.writestr("docs/b/c.json", b"{}", zipfile.ZIP_STORED)
    s3.put_object(Bucket=bucket, Key="a.zip", Body=archive.getvalue())
    s3.meta.events.register("before-sign.s3", lambda request, **_: request.headers.add_header("x-minio-extract", "true"))
    found = s3.get_object(Bucket=bucket, Key="a.zip/docs/a.txt")
    assert found["Body"].read() == b"inside " * 100_000 and found["ContentType"] == "text/plain"
    assert s3.head_object(Bucket=bucket, Key="a.zip/docs/b/c.json")["ContentLength"] == 2
    listed = s3.list_objects_v2(Bucket=bucket, Prefix="a.zip/docs/", Delimiter="/")
    assert [entry["Key"] for entry in listed["Contents"]] == ["a.zip/docs/a.txt"]
    assert [entry["Prefix"] for entry in listed["CommonPrefixes"]] == ["a.zip/docs/b/"]

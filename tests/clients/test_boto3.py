"""boto3: multipart with resume, presigned links, conditions, checksums, metadata, copies."""

import base64
import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone

import pytest
import requests
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError
from drivers import MIB, boto3_client


def code_of(error):
    return error.value.response["Error"]["Code"]


def multipart_etag(parts):
    digests = b"".join(hashlib.md5(part).digest() for part in parts)
    return f'"{hashlib.md5(digests).hexdigest()}-{len(parts)}"'


# Multipart. -------------------------------------------------------------------------------------------------------


def test_multipart_resumes_where_another_client_stopped(endpoint, s3, bucket, some_bytes):
    parts = [some_bytes(5 * MIB), some_bytes(5 * MIB + 7), some_bytes(6 * MIB), some_bytes(11)]
    upload = s3.create_multipart_upload(Bucket=bucket, Key="big", ContentType="video/mp4", Metadata={"a": "b"})
    for number in (1, 3):
        s3.upload_part(Bucket=bucket, Key="big", UploadId=upload["UploadId"], PartNumber=number,
                       Body=parts[number - 1])
    with pytest.raises(ClientError) as error:
        s3.get_object(Bucket=bucket, Key="big")
    assert code_of(error) == "NoSuchKey"

    resumed = boto3_client(endpoint)
    uploads = resumed.list_multipart_uploads(Bucket=bucket)["Uploads"]
    assert [(item["Key"], item["UploadId"]) for item in uploads] == [("big", upload["UploadId"])]
    known = resumed.list_parts(Bucket=bucket, Key="big", UploadId=upload["UploadId"])["Parts"]
    etags = {part["PartNumber"]: part["ETag"] for part in known}
    assert sorted(etags) == [1, 3] and [part["Size"] for part in known] == [5 * MIB, 6 * MIB]
    for number in (2, 4):
        etags[number] = resumed.upload_part(Bucket=bucket, Key="big", UploadId=upload["UploadId"],
                                            PartNumber=number, Body=parts[number - 1])["ETag"]
    done = resumed.complete_multipart_upload(
        Bucket=bucket, Key="big", UploadId=upload["UploadId"],
        MultipartUpload={"Parts": [{"PartNumber": n, "ETag": etags[n]} for n in sorted(etags)]})

    got = s3.get_object(Bucket=bucket, Key="big")
    assert got["Body"].read() == b"".join(parts)
    assert got["ETag"] == done["ETag"] == multipart_etag(parts)
    assert (got["ContentType"], got["Metadata"]) == ("video/mp4", {"a": "b"})
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=bucket)
    second = s3.get_object(Bucket=bucket, Key="big", PartNumber=2)
    assert second["Body"].read() == parts[1] and second["PartsCount"] == 4


def test_multipart_by_the_transfer_manager(s3, bucket, some_bytes, tmp_path):
    (tmp_path / "in").write_bytes(some_bytes(40 * MIB + 3))
    config = TransferConfig(multipart_threshold=8 * MIB, multipart_chunksize=8 * MIB, max_concurrency=8)
    s3.upload_file(str(tmp_path / "in"), bucket, "in", Config=config, ExtraArgs={"Metadata": {"kind": "test"}})
    s3.download_file(bucket, "in", str(tmp_path / "out"), Config=config)
    assert (tmp_path / "out").read_bytes() == (tmp_path / "in").read_bytes()
    assert s3.head_object(Bucket=bucket, Key="in")["ETag"].endswith('-6"')


def test_abort_leaves_nothing(s3, bucket, some_bytes):
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
    s3.upload_part(Bucket=bucket, Key="k", UploadId=upload, PartNumber=1, Body=some_bytes(5 * MIB))
    s3.abort_multipart_upload(Bucket=bucket, Key="k", UploadId=upload)
    with pytest.raises(ClientError) as error:
        s3.list_parts(Bucket=bucket, Key="k", UploadId=upload)
    assert code_of(error) == "NoSuchUpload"
    s3.delete_bucket(Bucket=bucket)


def test_a_part_that_is_too_small_is_refused(s3, bucket):
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
    parts = [{"PartNumber": n, "ETag": s3.upload_part(
        Bucket=bucket, Key="k", UploadId=upload, PartNumber=n, Body=b"small")["ETag"]} for n in (1, 2)]
    with pytest.raises(ClientError) as error:
        s3.complete_multipart_upload(Bucket=bucket, Key="k", UploadId=upload, MultipartUpload={"Parts": parts})
    assert code_of(error) == "EntityTooSmall"


def test_part_copies(s3, bucket, some_bytes):
    source = some_bytes(12 * MIB)
    s3.put_object(Bucket=bucket, Key="source", Body=source)
    upload = s3.create_multipart_upload(Bucket=bucket, Key="copy")["UploadId"]
    ranges = [(0, 5 * MIB), (5 * MIB, 10 * MIB), (10 * MIB, 12 * MIB)]
    parts = []
    for number, (begin, end) in enumerate(ranges, 1):
        copied = s3.upload_part_copy(Bucket=bucket, Key="copy", UploadId=upload, PartNumber=number,
                                     CopySource={"Bucket": bucket, "Key": "source"},
                                     CopySourceRange=f"bytes={begin}-{end - 1}")
        parts.append({"PartNumber": number, "ETag": copied["CopyPartResult"]["ETag"]})
    s3.complete_multipart_upload(Bucket=bucket, Key="copy", UploadId=upload, MultipartUpload={"Parts": parts})
    got = s3.get_object(Bucket=bucket, Key="copy")
    assert got["Body"].read() == source
    assert got["ETag"] == multipart_etag([source[begin:end] for begin, end in ranges])


# Presigned links. -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("signature", [None, "s3v4"], ids=["default-SigV2", "SigV4"])
def test_presigned_get_and_put(endpoint, bucket, some_bytes, signature):
    client = boto3_client(endpoint, **({"signature_version": signature} if signature else {}))
    key, body = "folder/ä file+1.bin", some_bytes(100_000)
    put = client.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": key}, ExpiresIn=60)
    assert ("X-Amz-Signature=" in put) == (signature == "s3v4")
    assert requests.put(put, data=body, verify=endpoint.ca_file).status_code == 200

    get = client.generate_presigned_url(
        "get_object", ExpiresIn=60, Params={"Bucket": bucket, "Key": key, "ResponseContentType": "text/x-test",
                                            "ResponseContentDisposition": 'attachment; filename="a.bin"'})
    got = requests.get(get, verify=endpoint.ca_file)
    assert (got.status_code, got.content) == (200, body)
    assert got.headers["Content-Type"] == "text/x-test"
    assert got.headers["Content-Disposition"] == 'attachment; filename="a.bin"'

    # The link is for that method and that key only.
    assert requests.put(get, data=b"x", verify=endpoint.ca_file).status_code == 403
    assert requests.get(get.replace("folder/", "folder2/"), verify=endpoint.ca_file).status_code == 403
    assert requests.get(get.split("?")[0], verify=endpoint.ca_file).status_code == 403


def test_presigned_parts(endpoint, s3, bucket, some_bytes):
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
    parts = []
    for number, body in ((1, some_bytes(5 * MIB)), (2, b"end")):
        url = s3.generate_presigned_url("upload_part", Params={
            "Bucket": bucket, "Key": "k", "UploadId": upload, "PartNumber": number})
        answer = requests.put(url, data=body, verify=endpoint.ca_file)
        assert answer.status_code == 200
        parts.append({"PartNumber": number, "ETag": answer.headers["ETag"]})
    s3.complete_multipart_upload(Bucket=bucket, Key="k", UploadId=upload, MultipartUpload={"Parts": parts})
    assert s3.head_object(Bucket=bucket, Key="k")["ContentLength"] == 5 * MIB + 3


# Conditions. ------------------------------------------------------------------------------------------------------


def test_conditional_writes(s3, bucket):
    first = s3.put_object(Bucket=bucket, Key="k", Body=b"1", IfNoneMatch="*")["ETag"]
    with pytest.raises(ClientError) as error:
        s3.put_object(Bucket=bucket, Key="k", Body=b"2", IfNoneMatch="*")
    assert code_of(error) == "PreconditionFailed"
    second = s3.put_object(Bucket=bucket, Key="k", Body=b"2", IfMatch=first)["ETag"]
    with pytest.raises(ClientError) as error:
        s3.put_object(Bucket=bucket, Key="k", Body=b"3", IfMatch=first)
    assert code_of(error) == "PreconditionFailed"
    assert s3.get_object(Bucket=bucket, Key="k", IfMatch=second)["Body"].read() == b"2"
    with pytest.raises(ClientError) as error:
        s3.put_object(Bucket=bucket, Key="missing", Body=b"x", IfMatch=first)
    assert code_of(error) == "NoSuchKey"


def test_a_conditional_completion(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"there")
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
    etag = s3.upload_part(Bucket=bucket, Key="k", UploadId=upload, PartNumber=1, Body=b"new")["ETag"]
    parts = {"Parts": [{"PartNumber": 1, "ETag": etag}]}
    with pytest.raises(ClientError) as error:
        s3.complete_multipart_upload(Bucket=bucket, Key="k", UploadId=upload, MultipartUpload=parts, IfNoneMatch="*")
    assert code_of(error) == "PreconditionFailed"
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"there"


def test_of_many_writers_that_want_to_be_first_one_is(endpoint, bucket):
    def put(number):
        try:
            boto3_client(endpoint).put_object(Bucket=bucket, Key="lock", Body=str(number).encode(), IfNoneMatch="*")
            return number
        except ClientError as error:
            assert error.response["Error"]["Code"] in ("PreconditionFailed", "ConditionalRequestConflict")
            return None

    with ThreadPoolExecutor(8) as threads:
        winners = [number for number in threads.map(put, range(16)) if number is not None]
    assert len(winners) == 1
    assert boto3_client(endpoint).get_object(Bucket=bucket, Key="lock")["Body"].read() == str(winners[0]).encode()


def test_conditional_reads(s3, bucket):
    etag = s3.put_object(Bucket=bucket, Key="k", Body=b"x")["ETag"]
    modified = s3.head_object(Bucket=bucket, Key="k")["LastModified"]
    past, future = modified - timedelta(hours=1), datetime.now(timezone.utc) + timedelta(hours=1)
    assert s3.get_object(Bucket=bucket, Key="k", IfMatch=etag, IfUnmodifiedSince=past)["Body"].read() == b"x"
    assert s3.get_object(Bucket=bucket, Key="k", IfNoneMatch='"other"', IfModifiedSince=future)["Body"].read() == b"x"
    for condition, status in (({"IfNoneMatch": etag}, 304), ({"IfModifiedSince": modified}, 304),
                              ({"IfMatch": '"other"'}, 412), ({"IfUnmodifiedSince": past}, 412)):
        with pytest.raises(ClientError) as error:
            s3.get_object(Bucket=bucket, Key="k", **condition)
        assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == status, condition


# Checksums. -------------------------------------------------------------------------------------------------------

ALGORITHMS = ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"]


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_checksums_are_kept_and_returned(s3, bucket, some_bytes, algorithm):
    body = some_bytes(300_000)
    put = s3.put_object(Bucket=bucket, Key="k", Body=body, ChecksumAlgorithm=algorithm)
    got = s3.get_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
    assert got["Body"].read() == body  # boto3 compares it with the checksum
    name = "Checksum" + algorithm
    assert got[name] == put[name] and got["ChecksumType"] == "FULL_OBJECT"
    attributes = s3.get_object_attributes(Bucket=bucket, Key="k", ObjectAttributes=["Checksum", "ObjectSize", "ETag"])
    assert attributes["Checksum"][name] == put[name] and attributes["ObjectSize"] == len(body)


def test_a_wrong_checksum_is_refused(s3, bucket):
    wrong = base64.b64encode(hashlib.sha256(b"other").digest()).decode()
    with pytest.raises(ClientError) as error:
        s3.put_object(Bucket=bucket, Key="k", Body=b"body", ChecksumSHA256=wrong)
    assert code_of(error) == "BadDigest"
    with pytest.raises(ClientError) as error:
        s3.put_object(Bucket=bucket, Key="k", Body=b"body",
                      ContentMD5=base64.b64encode(hashlib.md5(b"other").digest()).decode())
    assert code_of(error) == "BadDigest"
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)


@pytest.mark.parametrize(("algorithm", "kind"), [
    ("CRC32", "COMPOSITE"), ("CRC32C", "COMPOSITE"), ("SHA1", "COMPOSITE"), ("SHA256", "COMPOSITE"),
    ("CRC32", "FULL_OBJECT"), ("CRC32C", "FULL_OBJECT"), ("CRC64NVME", "FULL_OBJECT")])
def test_checksums_of_multipart(s3, bucket, some_bytes, algorithm, kind):
    name = "Checksum" + algorithm
    bodies = [some_bytes(5 * MIB), some_bytes(1000)]
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k", ChecksumAlgorithm=algorithm, ChecksumType=kind)
    assert (upload["ChecksumAlgorithm"], upload["ChecksumType"]) == (algorithm, kind)
    parts = []
    for number, body in enumerate(bodies, 1):
        part = s3.upload_part(Bucket=bucket, Key="k", UploadId=upload["UploadId"], PartNumber=number, Body=body,
                              ChecksumAlgorithm=algorithm)
        parts.append({"PartNumber": number, "ETag": part["ETag"], name: part[name]})
    done = s3.complete_multipart_upload(Bucket=bucket, Key="k", UploadId=upload["UploadId"],
                                        MultipartUpload={"Parts": parts})
    assert done["ChecksumType"] == kind
    got = s3.get_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
    assert (got[name], got["ChecksumType"]) == (done[name], kind)
    assert got["Body"].read() == b"".join(bodies)
    if kind == "COMPOSITE":
        assert done[name].endswith("-2")
    else:  # the same as of the same bytes put at once
        once = s3.put_object(Bucket=bucket, Key="once", Body=b"".join(bodies), ChecksumAlgorithm=algorithm)
        assert done[name] == once[name]


# The rest of an object. -------------------------------------------------------------------------------------------


def test_headers_and_metadata(s3, bucket):
    kept = {"ContentType": "text/html; charset=utf-8", "ContentDisposition": 'inline; filename="ä.html"',
            "ContentEncoding": "gzip", "ContentLanguage": "de-AT", "CacheControl": "max-age=60"}
    s3.put_object(Bucket=bucket, Key="k", Body=b"x", **kept, Metadata={"Mixed-Case": "Value", "empty": "",
                                                                       "long": "v" * 1500})
    head = s3.head_object(Bucket=bucket, Key="k")
    assert {name: head[name] for name in kept if name != "ContentDisposition"} == \
        {name: value for name, value in kept.items() if name != "ContentDisposition"}
    assert head["Metadata"] == {"mixed-case": "Value", "empty": "", "long": "v" * 1500}


def test_copies(s3, bucket, bucket_name):
    s3.put_object(Bucket=bucket, Key="a b/ü", Body=b"content", Metadata={"a": "1"}, ContentType="text/plain")
    source = {"Bucket": bucket, "Key": "a b/ü"}
    s3.create_bucket(Bucket=bucket_name + "-2")
    s3.copy_object(Bucket=bucket_name + "-2", Key="copy", CopySource=source)
    copy = s3.get_object(Bucket=bucket_name + "-2", Key="copy")
    assert (copy["Body"].read(), copy["Metadata"], copy["ContentType"]) == (b"content", {"a": "1"}, "text/plain")

    s3.copy_object(Bucket=bucket, Key="a b/ü", CopySource=source, MetadataDirective="REPLACE", Metadata={"b": "2"})
    assert s3.head_object(Bucket=bucket, Key="a b/ü")["Metadata"] == {"b": "2"}
    with pytest.raises(ClientError) as error:
        s3.copy_object(Bucket=bucket, Key="a b/ü", CopySource=source)
    assert code_of(error) == "InvalidRequest"
    with pytest.raises(ClientError) as error:
        s3.copy_object(Bucket=bucket, Key="c", CopySource=source, CopySourceIfMatch='"other"')
    assert code_of(error) == "PreconditionFailed"


def test_ranges(s3, bucket, some_bytes):
    body = some_bytes(200_000)
    s3.put_object(Bucket=bucket, Key="k", Body=body)
    for text, expected in (("bytes=0-0", body[:1]), ("bytes=65535-65536", body[65535:65537]),
                           ("bytes=199990-", body[-10:]), ("bytes=-5", body[-5:]), ("bytes=0-999999", body)):
        got = s3.get_object(Bucket=bucket, Key="k", Range=text)
        assert got["Body"].read() == expected and got["ResponseMetadata"]["HTTPStatusCode"] == 206
    with pytest.raises(ClientError) as error:
        s3.get_object(Bucket=bucket, Key="k", Range="bytes=200000-")
    assert code_of(error) == "InvalidRange"


def test_buckets(s3, bucket_name):
    s3.create_bucket(Bucket=bucket_name)
    assert bucket_name in [item["Name"] for item in s3.list_buckets()["Buckets"]]
    assert s3.head_bucket(Bucket=bucket_name)["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert s3.get_bucket_location(Bucket=bucket_name)["LocationConstraint"] is None
    s3.put_object(Bucket=bucket_name, Key="k", Body=b"x")
    with pytest.raises(ClientError) as error:
        s3.delete_bucket(Bucket=bucket_name)
    assert code_of(error) == "BucketNotEmpty"
    s3.delete_object(Bucket=bucket_name, Key="k")
    s3.delete_bucket(Bucket=bucket_name)
    with pytest.raises(ClientError) as error:
        s3.head_bucket(Bucket=bucket_name)
    assert code_of(error) == "404"


def test_a_policy_opens_a_bucket(s3, bucket, endpoint):
    policy = {"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/open/*"}]}
    s3.put_object(Bucket=bucket, Key="open/a", Body=b"A")
    s3.put_object(Bucket=bucket, Key="closed/a", Body=b"A")
    link = f"{endpoint.url}/{bucket}"
    assert requests.get(f"{link}/open/a", verify=endpoint.ca_file).status_code == 403
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
    assert json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"]) == policy
    assert s3.get_bucket_policy_status(Bucket=bucket)["PolicyStatus"]["IsPublic"]
    assert requests.get(f"{link}/open/a", verify=endpoint.ca_file).content == b"A"
    assert requests.get(f"{link}/closed/a", verify=endpoint.ca_file).status_code == 403
    assert requests.put(f"{link}/open/b", data=b"B", verify=endpoint.ca_file).status_code == 403

    with pytest.raises(ClientError) as error:
        s3.put_bucket_policy(Bucket=bucket, Policy='{"Version": "2012-10-17", "Statement": []}')
    assert code_of(error) == "MalformedPolicy"
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration={
        "BlockPublicPolicy": True, "RestrictPublicBuckets": True})
    assert s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]["BlockPublicPolicy"]
    assert requests.get(f"{link}/open/a", verify=endpoint.ca_file).status_code == 403
    with pytest.raises(ClientError) as error:
        s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
    assert code_of(error) == "AccessDenied"
    s3.delete_public_access_block(Bucket=bucket)
    s3.delete_bucket_policy(Bucket=bucket)
    assert requests.get(f"{link}/open/a", verify=endpoint.ca_file).status_code == 403


def test_what_is_not_there_says_so(s3, bucket):
    """Writes of configuration that is not offered yet are refused, and nothing of them is kept."""
    writes = [
        lambda: s3.put_object(Bucket=bucket, Key="k", Body=b"x", ServerSideEncryption="aws:kms:dsse"),
    ]
    for write in writes:
        with pytest.raises(ClientError) as error:
            write()
        assert code_of(error) == "NotImplemented"
    with pytest.raises(ClientError) as error:
        s3.get_bucket_policy(Bucket=bucket)
    assert code_of(error) == "NoSuchBucketPolicy"
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)

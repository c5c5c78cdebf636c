"""Encryption by boto3, the AWS command line and MinIO's mc: SSE-S3, SSE-KMS and SSE-C, a bucket's default, copies, uploads in
parts; and what lies on the disk. A server of its own, which starts with keys."""

import base64
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from conftest import PROGRAM, Endpoint
from drivers import MIB, boto3_client, clean_environment

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/support"))

from server import Server, ServerFailed, make_certificates  # noqa: E402


def key(byte):
    return bytes([byte]) * 32


def named(name, byte):
    return f"{name}:{base64.b64encode(key(byte)).decode()}"


def customer(byte):
    return {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": key(byte).decode()}


def encoded(arguments):
    """The same for an operation of which boto3 does not know that the key has to be encoded."""
    if "SSECustomerKey" not in arguments:
        return arguments
    key_bytes = arguments["SSECustomerKey"].encode()
    return arguments | {"SSECustomerKey": base64.b64encode(key_bytes).decode(),
                        "SSECustomerKeyMD5": base64.b64encode(hashlib.md5(key_bytes).digest()).decode()}


def source(byte):
    return {"CopySourceSSECustomerAlgorithm": "AES256", "CopySourceSSECustomerKey": key(byte).decode()}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    directory = tmp_path_factory.mktemp("server")
    (directory / "kms-keys").write_text(named("second", 2) + "\n")
    server = Server(PROGRAM, certs_dir=make_certificates(directory), environment={
        "MINIO_KMS_SECRET_KEY": named("first", 1), "COFFER_KMS_KEY_FILE": str(directory / "kms-keys")})
    server.ca_file = str(directory / "ca.crt")
    with server.running():
        yield server


@pytest.fixture(scope="module")
def endpoint(server):
    return Endpoint(server.url, f"localhost:{server.port}", True, server.ca_file)


KINDS = {
    "plain": ({}, {}),
    "s3": ({"ServerSideEncryption": "AES256"}, {}),
    "kms": ({"ServerSideEncryption": "aws:kms"}, {}),
    "second kms": ({"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": "second"}, {}),
    "customer": (customer(7), customer(7)),
    "second customer": (customer(8), customer(8)),
}


def told(reply):
    return (reply.get("ServerSideEncryption"), reply.get("SSEKMSKeyId"), reply.get("SSECustomerAlgorithm"))


TOLD = {"plain": (None, None, None), "s3": ("AES256", None, None), "kms": ("aws:kms", "first", None),
        "second kms": ("aws:kms", "second", None), "customer": (None, None, "AES256"),
        "second customer": (None, None, "AES256")}


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_put_is_read_back(s3, bucket, some_bytes, kind):
    put, get = KINDS[kind]
    for size in (0, 1, 65520, 300_000, 2 * MIB):
        body = some_bytes(size)
        reply = s3.put_object(Bucket=bucket, Key="k", Body=body, **put)
        assert told(reply) == TOLD[kind]
        is_md5 = reply["ETag"].strip('"') == hashlib.md5(body).hexdigest()
        assert is_md5 == (kind in ("plain", "s3"))
        reply = s3.get_object(Bucket=bucket, Key="k", **get)
        assert told(reply) == TOLD[kind]
        assert reply["Body"].read() == body
        assert told(s3.head_object(Bucket=bucket, Key="k", **get)) == TOLD[kind]
        if size > 65520:
            part = s3.get_object(Bucket=bucket, Key="k", Range="bytes=65510-131050", **get)["Body"].read()
            assert part == body[65510:131051]
        attributes = s3.get_object_attributes(Bucket=bucket, Key="k", ObjectAttributes=["ObjectSize"],
                                              **encoded(get))
        assert attributes["ObjectSize"] == size


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "plain"])
def test_nothing_plain_lies_on_the_disk(s3, bucket, server, kind):
    canary = f"canary of {kind}; ".encode()
    s3.put_object(Bucket=bucket, Key="small", Body=canary * 10, **KINDS[kind][0])
    s3.put_object(Bucket=bucket, Key="large", Body=canary * 50_000, **KINDS[kind][0])
    for path in server.data.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert canary not in content, path
            assert key(7) not in content and base64.b64encode(key(7)) not in content, path


def test_copies_between_all_kinds(s3, bucket, some_bytes):
    body = some_bytes(200_000)
    for from_kind, (put, _) in KINDS.items():
        s3.put_object(Bucket=bucket, Key="from", Body=body, **put)
        of_source = source(7 if from_kind == "customer" else 8) if "customer" in from_kind else {}
        for to_kind, (put_to, get_to) in KINDS.items():
            reply = s3.copy_object(Bucket=bucket, Key="to", CopySource={"Bucket": bucket, "Key": "from"}, **of_source,
                                   **put_to)
            assert told(reply) == TOLD[to_kind]
            assert s3.get_object(Bucket=bucket, Key="to", **get_to)["Body"].read() == body, f"{from_kind} to {to_kind}"


@pytest.mark.parametrize("kind", KINDS)
def test_uploads_in_parts(s3, bucket, some_bytes, kind):
    put, get = KINDS[kind]
    body = some_bytes(5 * MIB + 100_000)
    s3.put_object(Bucket=bucket, Key="from", Body=body, ServerSideEncryption="AES256")
    upload = s3.create_multipart_upload(Bucket=bucket, Key="big", **put)
    assert told(upload) == TOLD[kind]
    names = {"Bucket": bucket, "Key": "big", "UploadId": upload["UploadId"]}
    one = s3.upload_part(**names, PartNumber=1, Body=body, **get)
    two = s3.upload_part_copy(**names, PartNumber=2, CopySource={"Bucket": bucket, "Key": "from"},
                              CopySourceRange="bytes=70000-170000", **get)
    assert told(one) == told(two) == TOLD[kind]
    parts = [{"PartNumber": 1, "ETag": one["ETag"]}, {"PartNumber": 2, "ETag": two["CopyPartResult"]["ETag"]}]
    s3.complete_multipart_upload(**names, MultipartUpload={"Parts": parts}, **get)
    assert s3.get_object(Bucket=bucket, Key="big", **get)["Body"].read() == body + body[70000:170001]


def code_of(call, **arguments):
    with pytest.raises(ClientError) as raised:
        call(**arguments)
    error = raised.value.response
    return error["ResponseMetadata"]["HTTPStatusCode"], error["Error"]["Code"]


def test_a_clients_key_is_wanted(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"body", **customer(7))
    assert code_of(s3.get_object, Bucket=bucket, Key="k") == (400, "InvalidRequest")
    assert code_of(s3.get_object, Bucket=bucket, Key="k", **customer(8)) == (403, "AccessDenied")
    assert code_of(s3.head_object, Bucket=bucket, Key="k") == (400, "400")
    assert code_of(s3.head_object, Bucket=bucket, Key="k", **customer(8)) == (403, "403")
    short = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": "short"}
    assert code_of(s3.put_object, Bucket=bucket, Key="k", Body=b"x", **short) == (400, "InvalidArgument")
    assert s3.get_object(Bucket=bucket, Key="k", **customer(7))["Body"].read() == b"body"


def test_a_bucket_encrypts_by_default(s3, bucket):
    assert code_of(s3.get_bucket_encryption, Bucket=bucket)[1] == "ServerSideEncryptionConfigurationNotFoundError"
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "second"},
            "BucketKeyEnabled": True}
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [rule]})
    assert s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"] == [rule]
    reply = s3.put_object(Bucket=bucket, Key="k", Body=b"body")
    assert told(reply) == TOLD["second kms"] and reply["BucketKeyEnabled"]
    s3.delete_bucket_encryption(Bucket=bucket)
    assert told(s3.put_object(Bucket=bucket, Key="k", Body=b"body")) == TOLD["plain"]


def test_the_aws_command_line(endpoint, s3, bucket, tmp_path, some_bytes):
    aws = shutil.which("aws") or str(ROOT / "build/clients-venv/bin/aws")
    if not Path(aws).exists():
        pytest.skip("the AWS command line is not there")
    (tmp_path / "body").write_bytes(some_bytes(12 * MIB))
    (tmp_path / "key").write_bytes(key(7))

    def call(*arguments):
        subprocess.run([aws, "--endpoint-url", endpoint.url, "--ca-bundle", endpoint.ca_file, "--region", "us-east-1",
                        "s3", *map(str, arguments)], check=True, capture_output=True, timeout=120, env=clean_environment(
                            AWS_ACCESS_KEY_ID=endpoint.access_key, AWS_SECRET_ACCESS_KEY=endpoint.secret_key))

    for how in (["--sse", "AES256"], ["--sse", "aws:kms", "--sse-kms-key-id", "second"]):
        call("cp", tmp_path / "body", f"s3://{bucket}/k", *how)
        assert told(s3.head_object(Bucket=bucket, Key="k"))[0] == how[1]
        call("cp", f"s3://{bucket}/k", tmp_path / "back")
        assert (tmp_path / "back").read_bytes() == (tmp_path / "body").read_bytes()
    with_key = ["--sse-c", "AES256", "--sse-c-key", f"fileb://{tmp_path}/key"]
    call("cp", tmp_path / "body", f"s3://{bucket}/c", *with_key)
    call("cp", f"s3://{bucket}/c", tmp_path / "back", *with_key)
    assert (tmp_path / "back").read_bytes() == (tmp_path / "body").read_bytes()


def test_mc(endpoint, s3, bucket, tmp_path, some_bytes):
    mc = os.environ.get("MC_PROGRAM") or shutil.which("mc")
    if not mc or b"mc version" not in subprocess.run([mc, "--version"], capture_output=True, check=False).stdout:
        pytest.skip("MinIO's mc is not there; MC_PROGRAM names one")
    (tmp_path / "body").write_bytes(some_bytes(100_000))

    def call(*arguments):
        host = endpoint.url.removeprefix("https://")
        done = subprocess.run([mc, "--config-dir", tmp_path / "mc", "--json", *map(str, arguments)], check=True,
                              capture_output=True, timeout=120, env=clean_environment(
                                  SSL_CERT_FILE=endpoint.ca_file,
                                  MC_HOST_coffer=f"https://{endpoint.access_key}:{endpoint.secret_key}@{host}"))
        return done.stdout.decode()

    call("encrypt", "set", "sse-s3", f"coffer/{bucket}")
    assert "AES256" in call("encrypt", "info", f"coffer/{bucket}")
    call("cp", tmp_path / "body", f"coffer/{bucket}/by-default")
    assert told(s3.head_object(Bucket=bucket, Key="by-default")) == TOLD["s3"]
    call("encrypt", "set", "sse-kms", "second", f"coffer/{bucket}")
    call("cp", tmp_path / "body", f"coffer/{bucket}/by-default")
    assert told(s3.head_object(Bucket=bucket, Key="by-default")) == TOLD["second kms"]
    call("encrypt", "clear", f"coffer/{bucket}")
    secret = base64.b64encode(key(7)).decode().rstrip("=")
    with_key = ["--enc-c", f"coffer/{bucket}/c={secret}"]
    call("cp", *with_key, tmp_path / "body", f"coffer/{bucket}/c")
    assert told(s3.head_object(Bucket=bucket, Key="c", **customer(7))) == TOLD["customer"]
    call("cp", *with_key, f"coffer/{bucket}/c", tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == (tmp_path / "body").read_bytes()
    call("cp", "--enc-kms", f"coffer/{bucket}/kms=first", tmp_path / "body", f"coffer/{bucket}/kms")
    assert told(s3.head_object(Bucket=bucket, Key="kms")) == TOLD["kms"]


def test_keys_are_rotated_and_missing_ones_are_named(tmp_path):
    """One data directory through a change of keys: an old key is needed until all is sealed by the new one."""
    data = tmp_path / "data"
    data.mkdir()

    def start(*keys):
        (tmp_path / "keys").write_text("\n".join(keys) + "\n")
        server = Server(PROGRAM, environment={"COFFER_KMS_KEY_FILE": str(tmp_path / "keys")}, directory=data)
        server.start()
        return server, boto3_client(Endpoint(server.url, f"localhost:{server.port}", False, None))

    server, s3 = start(named("first", 1))
    s3.create_bucket(Bucket="photos")
    s3.put_object(Bucket="photos", Key="k", Body=b"body", ServerSideEncryption="aws:kms", SSEKMSKeyId="first")
    server.stop()

    for keys in (["# none"], [named("first", 9)], [named("second", 1)]):
        with pytest.raises(ServerFailed):
            server, s3 = start(*keys)
        # What was tried last said why.
    server, s3 = start(named("first", 9), named("first", 1))
    assert s3.get_object(Bucket="photos", Key="k")["Body"].read() == b"body"
    for _ in range(2000):
        if "the old one is needed no more" in server.log.read_text():
            break
        s3.head_object(Bucket="photos", Key="k")
    server.stop()
    server, s3 = start(named("first", 9))
    assert s3.get_object(Bucket="photos", Key="k")["Body"].read() == b"body"
    server.stop()


def test_a_start_with_another_master_key_is_refused(tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    server = Server(PROGRAM, directory=data)
    server.start()
    s3 = boto3_client(Endpoint(server.url, f"localhost:{server.port}", False, None))
    s3.create_bucket(Bucket="photos")
    s3.put_object(Bucket="photos", Key="k", Body=b"body", ServerSideEncryption="AES256")
    server.stop()
    own = data / ".coffer/master.key"
    kept = own.read_bytes()
    own.write_bytes(base64.b64encode(key(3)) + b"\n")
    with pytest.raises(ServerFailed):
        server.start()
    assert "wrong master key" in server.log.read_text()
    own.write_bytes(kept)
    server.start()
    assert s3_get(server) == b"body"
    server.stop()


def s3_get(server):
    s3 = boto3_client(Endpoint(server.url, f"localhost:{server.port}", False, None))
    return s3.get_object(Bucket="photos", Key="k")["Body"].read()

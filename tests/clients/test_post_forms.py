"""Upload forms: made with boto3, minio-py and MinIO's `mc`, sent with curl as a browser would."""

import datetime
import json
import shlex
import subprocess
import xml.etree.ElementTree as ElementTree

import pytest
from botocore.exceptions import ClientError
from drivers import run
from minio import Minio
from minio.datatypes import PostPolicy
from test_mc import MC, is_minios


@pytest.fixture
def curl(endpoint, tmp_path):
    """curl(url, fields, body, …): the status, the headers and the body of the answer to a form."""

    def send(url, fields, body, name="cat.jpg", more=()):
        path = tmp_path / "form-file"
        path.write_bytes(body)
        answer = tmp_path / "answer"
        trust = ["--cacert", endpoint.ca_file] if endpoint.ca_file else []
        form = [argument for field in fields.items() for argument in ("--form-string", "=".join(field))]
        told = subprocess.run(
            ["curl", "-sS", "--max-time", "60", *trust, *form, "-F", f"file=@{path};filename={name}", *more, "-o", answer,
             "-w", "%{http_code} %{redirect_url}\n%{header_json}", url], capture_output=True, check=True, timeout=90)
        first, headers = told.stdout.decode().split("\n", 1)
        status, _, redirect = first.partition(" ")
        return int(status), json.loads(headers), answer.read_bytes(), redirect

    return send


def code_of(body):
    return ElementTree.fromstring(body).findtext("Code")


def test_boto3_makes_a_form_that_curl_sends(s3, bucket, curl):
    form = s3.generate_presigned_post(
        bucket, "user/${filename}", Fields={"Content-Type": "image/jpeg", "success_action_status": "201"},
        Conditions=[["starts-with", "$Content-Type", "image/"], {"success_action_status": "201"},
                    ["content-length-range", 1, 100]])
    status, headers, body, _ = curl(form["url"], form["fields"], b"bytes of a cat")
    assert status == 201 and ElementTree.fromstring(body).findtext("Key") == "user/cat.jpg"
    found = s3.get_object(Bucket=bucket, Key="user/cat.jpg")
    assert found["Body"].read() == b"bytes of a cat" and found["ContentType"] == "image/jpeg"
    assert headers["etag"] == [found["ETag"]]

    for fields, sent, code in (({}, b"", "EntityTooSmall"), ({}, b"x" * 101, "EntityTooLarge"),
                               ({"key": "other/cat.jpg"}, b"x", "AccessDenied"),
                               ({"Content-Type": "text/html"}, b"x", "AccessDenied"),
                               ({"x-amz-meta-a": "1"}, b"x", "AccessDenied")):
        status, _, body, _ = curl(form["url"], {**form["fields"], **fields}, sent, "dog.jpg")
        assert (status // 100, code_of(body)) == (4, code)
    assert [entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["user/cat.jpg"]


def test_a_form_of_one_bucket_is_none_of_another(s3, bucket, curl):
    other = bucket + "-other"
    s3.create_bucket(Bucket=other)
    form = s3.generate_presigned_post(bucket, "k")
    status, _, body, _ = curl(form["url"].replace(bucket, other), form["fields"], b"x")
    assert (status, code_of(body)) == (403, "AccessDenied")
    assert "Contents" not in s3.list_objects_v2(Bucket=other)


def test_an_expired_form_is_refused(s3, bucket, curl):
    form = s3.generate_presigned_post(bucket, "k", ExpiresIn=-1)
    status, _, body, _ = curl(form["url"], form["fields"], b"x")
    assert (status, code_of(body)) == (403, "AccessDenied")
    with pytest.raises(ClientError):
        s3.head_object(Bucket=bucket, Key="k")


def test_the_browser_is_sent_on(s3, bucket, curl):
    page = "https://app.test/done?from=form"
    form = s3.generate_presigned_post(bucket, "k", Fields={"success_action_redirect": page},
                                      Conditions=[{"success_action_redirect": page}])
    status, _, _, redirect = curl(form["url"], form["fields"], b"x")
    etag = s3.head_object(Bucket=bucket, Key="k")["ETag"].strip('"')
    assert status == 303 and redirect == f"{page}&bucket={bucket}&key=k&etag=%22{etag}%22"


@pytest.mark.parametrize("more", [(), ("-H", "Transfer-Encoding: chunked")], ids=["length", "chunked"])
def test_a_large_file_is_streamed(s3, bucket, curl, some_bytes, more):
    form = s3.generate_presigned_post(bucket, "large")
    body = some_bytes(40 << 20)
    status, _, _, _ = curl(form["url"], form["fields"], body, more=more)
    assert status == 204 and s3.get_object(Bucket=bucket, Key="large")["Body"].read() == body


def test_minio_py_makes_a_form(endpoint, s3, bucket, curl):
    policy = PostPolicy(bucket, datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=1))
    policy.add_starts_with_condition("key", "in/")
    policy.add_content_length_range_condition(1, 1 << 20)
    client = Minio(endpoint.host, endpoint.access_key, endpoint.secret_key, secure=endpoint.tls, region=endpoint.region)
    fields = {**client.presigned_post_policy(policy), "key": "in/k"}
    assert curl(f"{endpoint.url}/{bucket}", fields, b"of minio-py")[0] == 204
    assert s3.get_object(Bucket=bucket, Key="in/k")["Body"].read() == b"of minio-py"


@pytest.mark.skipif(not is_minios(MC), reason="MinIO's mc is not there; MC_PROGRAM names one")
def test_mc_shares_an_upload(endpoint, s3, bucket, tmp_path):
    if endpoint.tls:
        pytest.skip("the command that mc prints does not name the CA")
    scheme, host = endpoint.url.split("://")
    told = json.loads(run(
        MC, "--config-dir", tmp_path / "mc", "--json", "share", "upload", f"coffer/{bucket}/shared",
        stdin=subprocess.DEVNULL,
        environment={"MC_HOST_coffer": f"{scheme}://{endpoint.access_key}:{endpoint.secret_key}@{host}"}))
    path = tmp_path / "body"
    path.write_bytes(b"shared")
    command = [str(path).join(word.split("<FILE>")) for word in shlex.split(told["share"])]
    subprocess.run([*command, "-sS", "--fail", "--max-time", "60"], check=True, timeout=90)
    assert s3.get_object(Bucket=bucket, Key="shared")["Body"].read() == b"shared"

"""CORS rules of buckets: set with boto3 and with MinIO's `mc`, met by the requests that a browser sends."""

import http.client
import json
import ssl
import subprocess

import pytest
from botocore.exceptions import ClientError
from drivers import run
from test_mc import MC, is_minios

RULES = {"CORSRules": [
    {"ID": "app", "AllowedOrigins": ["https://*.app.test"], "AllowedMethods": ["GET", "PUT"], "AllowedHeaders": ["x-amz-*"],
     "ExposeHeaders": ["ETag"], "MaxAgeSeconds": 60},
    {"AllowedOrigins": ["*"], "AllowedMethods": ["HEAD"]},
]}


@pytest.fixture
def browser(endpoint):
    """browser(method, path, headers…): the status and the headers of the answer."""

    def ask(method, path, **headers):
        if endpoint.tls:
            context = ssl.create_default_context(cafile=endpoint.ca_file)
            connection = http.client.HTTPSConnection(endpoint.host, timeout=30, context=context)
        else:
            connection = http.client.HTTPConnection(endpoint.host, timeout=30)
        connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}

    return ask


def code_of(error):
    return error.value.response["Error"]["Code"]


def test_rules_are_told_as_they_were_set(s3, bucket):
    with pytest.raises(ClientError) as error:
        s3.get_bucket_cors(Bucket=bucket)
    assert code_of(error) == "NoSuchCORSConfiguration"
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration=RULES)
    assert s3.get_bucket_cors(Bucket=bucket)["CORSRules"] == RULES["CORSRules"]
    many = {"CORSRules": [{"AllowedOrigins": ["o"], "AllowedMethods": ["GET"]}] * 101}
    with pytest.raises(ClientError) as error:
        s3.put_bucket_cors(Bucket=bucket, CORSConfiguration=many)
    assert code_of(error) == "InvalidRequest"
    assert s3.get_bucket_cors(Bucket=bucket)["CORSRules"] == RULES["CORSRules"]
    s3.delete_bucket_cors(Bucket=bucket)
    with pytest.raises(ClientError) as error:
        s3.get_bucket_cors(Bucket=bucket)
    assert code_of(error) == "NoSuchCORSConfiguration"


def test_a_page_may_do_what_the_rules_say(s3, bucket, browser):
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration=RULES)
    s3.put_object(Bucket=bucket, Key="k", Body=b"body")
    link = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "k"})
    path = "/" + link.split("/", 3)[3]

    status, headers = browser("OPTIONS", path, Origin="https://a.app.test", Access_Control_Request_Method="PUT",
                              Access_Control_Request_Headers="x-amz-date")
    assert status == 200 and headers["access-control-allow-origin"] == "https://a.app.test"
    assert headers["access-control-allow-methods"] == "GET, PUT" and headers["access-control-max-age"] == "60"
    status, headers = browser("GET", path, Origin="https://a.app.test")
    assert status == 200 and headers["access-control-allow-origin"] == "https://a.app.test"
    assert headers["access-control-expose-headers"] == "ETag"
    status, headers = browser("GET", f"/{bucket}/k", Origin="https://a.app.test")
    assert status == 403 and headers["access-control-allow-origin"] == "https://a.app.test"

    for origin, method in (("https://b.test", "GET"), ("https://a.app.test", "DELETE"), ("null", "PUT")):
        status, headers = browser("OPTIONS", path, Origin=origin, Access_Control_Request_Method=method)
        assert status == 403 and "access-control-allow-origin" not in headers
    status, headers = browser("GET", path, Origin="https://b.test")
    assert status == 200 and "access-control-allow-origin" not in headers and headers["vary"] == "Origin"
    status, headers = browser("OPTIONS", path, Origin="null", Access_Control_Request_Method="HEAD")
    assert headers["access-control-allow-origin"] == "*" and "access-control-allow-credentials" not in headers


def test_where_a_bucket_has_no_rules_the_servers_hold(bucket, browser):
    status, headers = browser("OPTIONS", f"/{bucket}/k", Origin="https://b.test", Access_Control_Request_Method="DELETE",
                              Access_Control_Request_Headers="content-type,x-amz-date")
    assert status == 200 and headers["access-control-allow-origin"] == "*"
    assert headers["access-control-allow-headers"] == "content-type, x-amz-date"
    status, headers = browser("GET", "/minio/health/live", Origin="https://b.test")
    assert status == 200 and headers["access-control-allow-origin"] == "*"


@pytest.mark.skipif(not is_minios(MC), reason="MinIO's mc is not there; MC_PROGRAM names one")
def test_mc_sets_gets_and_removes_rules(endpoint, s3, bucket, tmp_path):
    scheme, host = endpoint.url.split("://")
    environment = {"MC_HOST_coffer": f"{scheme}://{endpoint.access_key}:{endpoint.secret_key}@{host}"}
    if endpoint.ca_file:
        environment["SSL_CERT_FILE"] = endpoint.ca_file

    def mc(*arguments):
        return run(MC, "--config-dir", tmp_path / "mc", "--json", "cors", *arguments, stdin=subprocess.DEVNULL,
                   environment=environment)

    document = tmp_path / "cors.xml"
    document.write_text("<CORSConfiguration><CORSRule><AllowedOrigin>https://a.test</AllowedOrigin>"
                        "<AllowedMethod>GET</AllowedMethod></CORSRule></CORSConfiguration>")
    mc("set", f"coffer/{bucket}", document)
    assert s3.get_bucket_cors(Bucket=bucket)["CORSRules"][0]["AllowedOrigins"] == ["https://a.test"]
    assert json.loads(mc("get", f"coffer/{bucket}"))["cors"]["CORSRules"][0]["AllowedMethod"] == ["GET"]
    mc("remove", f"coffer/{bucket}")
    with pytest.raises(ClientError) as error:
        s3.get_bucket_cors(Bucket=bucket)
    assert code_of(error) == "NoSuchCORSConfiguration"

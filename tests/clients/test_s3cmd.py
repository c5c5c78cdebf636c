"""s3cmd, with the signature of 2014 and that of 2006: sync, info, move, links, multipart."""

import pytest
import requests
from drivers import MIB, S3cmd


@pytest.fixture(params=["SigV4", "SigV2"])
def client(request, endpoint, tmp_path_factory):
    driver = S3cmd(endpoint, tmp_path_factory.mktemp("s3cmd"))
    if request.param == "SigV2":
        driver.config.write_text(driver.config.read_text() + "signature_v2 = True\n")
    return driver


@pytest.fixture
def tree(tmp_path, some_bytes):
    for name, size in (("a.txt", 5), ("sub/b c.bin", 12 * MIB), ("sub/ü.txt", 100)):
        path = tmp_path / "tree" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(some_bytes(size))
    return tmp_path / "tree"


def test_sync_there_and_back(client, bucket, tree, tmp_path):
    client.s3cmd("sync", "--multipart-chunk-size-mb=5", f"{tree}/", f"s3://{bucket}/tree/")
    assert client.s3cmd("sync", f"{tree}/", f"s3://{bucket}/tree/") == ""
    (tmp_path / "back").mkdir()
    client.s3cmd("sync", f"s3://{bucket}/tree/", f"{tmp_path}/back/")
    for path in tree.rglob("*"):
        if path.is_file():
            assert (tmp_path / "back" / path.relative_to(tree)).read_bytes() == path.read_bytes()


def test_info_asks_for_configuration_that_nobody_set(client, bucket, tree):
    client.put(bucket, "a.txt", tree / "a.txt")
    assert "Location:" in client.s3cmd("info", f"s3://{bucket}")
    told = client.s3cmd("info", f"s3://{bucket}/a.txt")
    assert "File size: 5" in told and "MIME type: text/plain" in told


def test_copy_move_delete(client, bucket, tree):
    client.put(bucket, "a b.txt", tree / "a.txt")
    client.s3cmd("cp", f"s3://{bucket}/a b.txt", f"s3://{bucket}/c.txt")
    client.s3cmd("mv", f"s3://{bucket}/c.txt", f"s3://{bucket}/d.txt")
    assert client.list(bucket) == ["a b.txt", "d.txt"]
    client.s3cmd("del", "--recursive", "--force", f"s3://{bucket}")
    client.s3cmd("rb", f"s3://{bucket}")


def test_a_signed_link(client, endpoint, bucket, tree):
    client.put(bucket, "a.txt", tree / "a.txt")
    url = client.s3cmd("signurl", f"s3://{bucket}/a.txt", "+60").strip()
    url = endpoint.url + url[url.index("/" + bucket):]  # it leaves out https
    assert requests.get(url, verify=endpoint.ca_file).content == (tree / "a.txt").read_bytes()


def test_uploads_in_parts_are_seen_and_ended(client, s3, bucket, tree):
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
    assert upload in client.s3cmd("multipart", f"s3://{bucket}")
    client.s3cmd("abortmp", f"s3://{bucket}/k", upload)
    assert upload not in client.s3cmd("multipart", f"s3://{bucket}")

"""The AWS CLI: sync in both directions, move, presign, s3api, removal of a whole bucket."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from drivers import MIB, AwsCli


@pytest.fixture
def cli(endpoint, tmp_path_factory):
    return AwsCli(endpoint, tmp_path_factory.mktemp("aws"))


@pytest.fixture
def tree(tmp_path, some_bytes):
    """A folder to sync, with a file that goes up in parts."""
    for name, size in (("a.txt", 5), ("sub/b.bin", 9 * MIB), ("sub/deep/ü ñ.txt", 0)):
        path = tmp_path / "tree" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(some_bytes(size))
    return tmp_path / "tree"


def contents(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_sync_there_and_back(cli, bucket, tree, tmp_path):
    cli.aws("s3", "sync", "--only-show-errors", tree, f"s3://{bucket}/backup")
    assert cli.aws("s3", "sync", tree, f"s3://{bucket}/backup") == ""  # nothing left to do
    cli.aws("s3", "sync", "--only-show-errors", f"s3://{bucket}/backup", tmp_path / "back")
    assert contents(tmp_path / "back") == contents(tree)
    (tree / "a.txt").unlink()
    cli.aws("s3", "sync", "--only-show-errors", "--delete", tree, f"s3://{bucket}/backup")
    assert "backup/a.txt" not in cli.list(bucket)


def test_syncs_at_once(cli, bucket, tree):
    """The CLI expects 100 Continue for an empty file too, and hangs on a connection where it never came."""
    with ThreadPoolExecutor() as pool:
        targets = [f"s3://{bucket}/{number}" for number in range(4)]
        list(pool.map(lambda target: cli.aws("s3", "sync", "--only-show-errors", tree, target), targets))
    assert len(cli.list(bucket)) == 4 * len(contents(tree))


def test_ls_mv_rm_rb(cli, bucket, tree):
    cli.aws("s3", "cp", "--only-show-errors", "--recursive", tree, f"s3://{bucket}/x")
    assert "PRE sub/" in cli.aws("s3", "ls", f"s3://{bucket}/x/")
    cli.aws("s3", "mv", "--only-show-errors", f"s3://{bucket}/x/a.txt", f"s3://{bucket}/y/a.txt")
    assert [key for key in cli.list(bucket) if key.endswith("a.txt")] == ["y/a.txt"]
    cli.aws("s3", "cp", "--only-show-errors", f"s3://{bucket}/x/sub/b.bin", f"s3://{bucket}/y/b.bin")
    cli.aws("s3", "rm", "--only-show-errors", "--recursive", f"s3://{bucket}/x")
    assert cli.list(bucket) == ["y/a.txt", "y/b.bin"]
    cli.aws("s3", "rb", "--force", f"s3://{bucket}")
    assert bucket not in cli.aws("s3", "ls")


def test_presign(cli, endpoint, bucket, tree):
    cli.put(bucket, "a.txt", tree / "a.txt")
    url = cli.aws("s3", "presign", f"s3://{bucket}/a.txt", "--expires-in", "60").strip()
    assert requests.get(url, verify=endpoint.ca_file).content == (tree / "a.txt").read_bytes()


def test_s3api(cli, bucket, tree):
    def call(operation, *arguments):
        return json.loads(cli.aws("s3api", operation, "--bucket", bucket, "--output", "json", *arguments) or "{}")

    put = call("put-object", "--key", "k", "--body", tree / "a.txt", "--checksum-algorithm", "SHA256",
               "--metadata", "colour=blue")
    head = call("head-object", "--key", "k", "--checksum-mode", "ENABLED")
    assert head["ChecksumSHA256"] == put["ChecksumSHA256"] and head["Metadata"] == {"colour": "blue"}
    attributes = call("get-object-attributes", "--key", "k", "--object-attributes", "ObjectSize", "ETag")
    assert attributes["ObjectSize"] == 5 and attributes["ETag"] == put["ETag"].strip('"')
    assert call("get-bucket-location") in ({"LocationConstraint": None}, {})

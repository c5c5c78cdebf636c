"""rclone: sync, check against every byte, copies on the server's side, links, big files in chunks."""

import pytest
import requests
from drivers import MIB, Rclone


@pytest.fixture
def client(endpoint, tmp_path_factory):
    return Rclone(endpoint, tmp_path_factory.mktemp("rclone"))


@pytest.fixture
def tree(tmp_path, some_bytes):
    for i in range(40):
        path = tmp_path / "tree" / f"folder {i % 4}" / f"file+{i}.bin"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(some_bytes(1000 * i))
    (tmp_path / "tree" / "big.bin").write_bytes(some_bytes(30 * MIB))
    return tmp_path / "tree"


def test_sync_and_check(client, bucket, tree, tmp_path):
    remote = f"coffer:{bucket}/tree"
    client.rclone("sync", "--s3-upload-cutoff", "10M", "--s3-chunk-size", "6M", tree, remote)
    client.rclone("check", tree, remote)
    client.rclone("check", "--download", tree, remote)
    (tree / "folder 0" / "file+0.bin").write_bytes(b"changed")
    with pytest.raises(RuntimeError, match="1 differences found"):
        client.rclone("check", tree, remote)
    client.rclone("sync", "--s3-upload-cutoff", "10M", tree, remote)
    client.rclone("check", "--download", tree, remote)
    client.rclone("sync", remote, tmp_path / "back")
    client.rclone("check", "--download", tree, tmp_path / "back")


def test_modification_times_are_kept(client, bucket, tree):
    client.rclone("copy", tree, f"coffer:{bucket}")
    client.rclone("copy", "-v", "--log-file", tree.parent / "log", tree, f"coffer:{bucket}")
    assert "There was nothing to transfer" in (tree.parent / "log").read_text()


def test_copies_and_moves_on_the_server(client, bucket, tree):
    client.rclone("copy", tree / "folder 1", f"coffer:{bucket}/a")
    client.rclone("copy", f"coffer:{bucket}/a", f"coffer:{bucket}/b")
    client.rclone("moveto", f"coffer:{bucket}/a", f"coffer:{bucket}/c")
    client.rclone("check", "--download", f"coffer:{bucket}/b", f"coffer:{bucket}/c")
    client.rclone("purge", f"coffer:{bucket}/c")
    assert all(key.startswith("b/") for key in client.list(bucket))


def test_a_link(client, endpoint, bucket, tree):
    client.put(bucket, "big.bin", tree / "big.bin")
    url = client.rclone("link", "--expire", "60s", f"coffer:{bucket}/big.bin").strip()
    assert requests.get(url, verify=endpoint.ca_file).content == (tree / "big.bin").read_bytes()


def test_streams_of_unknown_length(client, bucket, tree):
    with open(tree / "big.bin", "rb") as source:
        client.rclone("rcat", f"coffer:{bucket}/stream", stdin=source)
    client.get(bucket, "stream", tree.parent / "back")
    assert (tree.parent / "back").read_bytes() == (tree / "big.bin").read_bytes()

"""s3fs: the file system that pandas and its friends use."""

import pytest
import requests
from drivers import MIB, S3fs


@pytest.fixture
def fs(endpoint, tmp_path):
    return S3fs(endpoint, tmp_path).fs


def test_a_file_in_blocks(fs, bucket, some_bytes):
    body = some_bytes(17 * MIB)
    with fs.open(f"{bucket}/big", "wb", block_size=5 * MIB) as file:
        for start in range(0, len(body), 3 * MIB):
            file.write(body[start:start + 3 * MIB])
    assert fs.size(f"{bucket}/big") == len(body)
    with fs.open(f"{bucket}/big", "rb", block_size=5 * MIB) as file:
        file.seek(6 * MIB)
        assert file.read(1000) == body[6 * MIB:6 * MIB + 1000]
        file.seek(-10, 2)
        assert file.read() == body[-10:]
    assert fs.cat_file(f"{bucket}/big", start=100, end=200) == body[100:200]


def test_folders(fs, bucket):
    fs.pipe({f"{bucket}/d/1.csv": b"1", f"{bucket}/d/2.csv": b"22", f"{bucket}/d/e/3.txt": b"333"})
    assert fs.ls(f"{bucket}/d", detail=False) == [f"{bucket}/d/1.csv", f"{bucket}/d/2.csv", f"{bucket}/d/e"]
    assert fs.glob(f"{bucket}/d/*.csv") == [f"{bucket}/d/1.csv", f"{bucket}/d/2.csv"]
    assert fs.find(bucket) == [f"{bucket}/d/1.csv", f"{bucket}/d/2.csv", f"{bucket}/d/e/3.txt"]
    assert fs.isdir(f"{bucket}/d/e") and fs.isfile(f"{bucket}/d/1.csv") and not fs.exists(f"{bucket}/d/x")
    assert fs.du(bucket) == 6
    assert fs.cat([f"{bucket}/d/1.csv", f"{bucket}/d/2.csv"]) == {f"{bucket}/d/1.csv": b"1", f"{bucket}/d/2.csv": b"22"}


def test_copy_move_remove(fs, bucket):
    fs.pipe_file(f"{bucket}/a", b"content")
    fs.cp_file(f"{bucket}/a", f"{bucket}/b")
    fs.mv(f"{bucket}/b", f"{bucket}/c")
    assert fs.find(bucket) == [f"{bucket}/a", f"{bucket}/c"] and fs.cat_file(f"{bucket}/c") == b"content"
    fs.rm(bucket, recursive=True)
    assert not fs.exists(bucket)


def test_whole_trees(fs, bucket, tmp_path):
    for name in ("x/1", "x/2", "y/z/3"):
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / name).write_text(name)
    fs.put(str(tmp_path / "in"), f"{bucket}/tree", recursive=True)
    fs.get(f"{bucket}/tree", str(tmp_path / "out"), recursive=True)
    for name in ("x/1", "x/2", "y/z/3"):
        assert (tmp_path / "out" / name).read_text() == name


def test_metadata_and_links(fs, endpoint, bucket):
    with fs.open(f"{bucket}/k", "wb", ContentType="text/csv", Metadata={"owner": "me"}) as file:
        file.write(b"a,b\n")
    assert fs.metadata(f"{bucket}/k") == {"owner": "me"}
    assert fs.info(f"{bucket}/k")["ContentType"] == "text/csv"
    assert requests.get(fs.sign(f"{bucket}/k", expiration=60), verify=endpoint.ca_file).content == b"a,b\n"

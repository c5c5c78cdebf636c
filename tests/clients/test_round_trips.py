"""Every client stores and reads back objects of every size, and takes them away again."""

import filecmp
import random

import pytest
from drivers import DRIVERS, MIB

SIZES = [0, 1, 5 * MIB - 1, 5 * MIB, 5 * MIB + 1, 200 * MIB]


@pytest.fixture(scope="module", params=DRIVERS)
def driver(request, endpoint, tmp_path_factory):
    driver = DRIVERS[request.param](endpoint, tmp_path_factory.mktemp(request.param))
    driver.make_bucket("sizes-" + request.param.lower())
    return driver


@pytest.fixture(scope="module")
def source_of(tmp_path_factory):
    """source_of(size): a file with that many bytes, made once."""
    directory = tmp_path_factory.mktemp("source")

    def source(size):
        path = directory / str(size)
        if not path.exists():
            path.write_bytes(random.Random(size).randbytes(size))
        return path

    return source


@pytest.mark.parametrize("size", SIZES)
def test_comes_back_as_it_was_stored(driver, s3, source_of, tmp_path, size):
    bucket, key = "sizes-" + type(driver).__name__.lower(), f"folder/{size}.bin"
    driver.put(bucket, key, source_of(size))
    assert s3.head_object(Bucket=bucket, Key=key)["ContentLength"] == size

    driver.get(bucket, key, tmp_path / "back")
    assert filecmp.cmp(source_of(size), tmp_path / "back", shallow=False)
    (tmp_path / "back").unlink()

    driver.remove(bucket, key)
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)

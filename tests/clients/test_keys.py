"""Unusual keys: every client names them in its own way, and all of them mean the same object."""

import pytest
from drivers import DRIVERS

KEYS = [
    "a", "a/b", "a/b/c",  # one beside the other
    "double//slash", "/leading", "trailing/", ".", "..", "a/./b", "a/../b", "../up",
    "plus+sign", "a space", "per%cent", "%2F", "%20", "%41", "a&b=c;d", "question?mark", "hash#tag", "at@colon:comma,",
    "quote\"apostrophe'", "<angle>&amp;", "back\\slash", "tilde~star*bang!(paren)", "[]{}|^`$", "=equals",
    "naïve-ünïcødé", "日本語/ファイル", "emoji-🙂", "e\u0301-decomposed", "\u00e9-composed",
    "A", "UPPER", "upper", "k" * 1024,
]

# For programs that need most of a second for each call.
SOME_KEYS = ["a", "a/b", "double//slash", "/leading", "a/../b", "plus+sign per%cent", "%2F", "question?mark#hash",
             "back\\slash\"quote'", "naïve-ünïcødé-🙂"]


@pytest.fixture(params=DRIVERS)
def driver(request, endpoint, tmp_path):
    return DRIVERS[request.param](endpoint, tmp_path)


def test_each_names_its_own_object(driver, s3, bucket, tmp_path):
    keys = [key for key in (SOME_KEYS if driver.slow else KEYS) if not driver.refuses(key)]
    for i, key in enumerate(keys):
        (tmp_path / "in").write_bytes(f"{i}: {key}".encode())
        driver.put(bucket, key, tmp_path / "in")

    expected = sorted(keys, key=str.encode)
    assert driver.list(bucket) == expected
    stored = [item["Key"] for item in s3.list_objects_v2(Bucket=bucket)["Contents"]]
    assert stored == expected  # as another client sees them

    for i, key in enumerate(keys):
        driver.get(bucket, key, tmp_path / "out")
        assert (tmp_path / "out").read_bytes() == f"{i}: {key}".encode(), key
        (tmp_path / "out").unlink()


def test_a_key_over_1024_bytes_is_refused(s3, bucket):
    with pytest.raises(s3.exceptions.ClientError, match="KeyTooLongError"):
        s3.put_object(Bucket=bucket, Key="k" * 1025, Body=b"")
    with pytest.raises(s3.exceptions.ClientError, match="KeyTooLongError"):
        s3.put_object(Bucket=bucket, Key="é" * 513, Body=b"")


def test_many_unusual_keys_are_deleted_in_one_request(s3, bucket):
    keys = [key for key in KEYS if key]
    for key in keys:
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    deleted = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": key} for key in keys]})
    assert sorted(item["Key"] for item in deleted["Deleted"]) == sorted(keys)
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)

"""2,500 keys: what every client lists, and how boto3 pages through them."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from drivers import DRIVERS, boto3_client

COUNT = 2500
KEYS = sorted([f"year={2000 + i % 25}/object-{i:05}" for i in range(COUNT - 5)] + [f"top-{i}" for i in range(5)])


@pytest.fixture(scope="module")
def full(endpoint):
    """A bucket with all of KEYS."""
    client = boto3_client(endpoint, max_pool_connections=8)
    client.create_bucket(Bucket="listing")
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda key: client.put_object(Bucket="listing", Key=key, Body=b"x"), KEYS))
    return "listing"


@pytest.mark.parametrize("name", DRIVERS)
def test_every_client_lists_all(endpoint, full, tmp_path, name):
    assert DRIVERS[name](endpoint, tmp_path).list(full) == KEYS


def keys_of(pages):
    return [item["Key"] for page in pages for item in page.get("Contents", [])]


def test_pages_of_both_versions_are_of_the_size_asked_for(s3, full):
    for operation in ("list_objects", "list_objects_v2"):
        pages = list(s3.get_paginator(operation).paginate(Bucket=full, PaginationConfig={"PageSize": 700}))
        assert [len(page["Contents"]) for page in pages] == [700, 700, 700, 400]
        assert keys_of(pages) == KEYS


def test_a_page_holds_1000_at_most(s3, full):
    page = s3.list_objects_v2(Bucket=full, MaxKeys=5000)
    assert len(page["Contents"]) == page["KeyCount"] == 1000 and page["IsTruncated"]


def test_common_prefixes(s3, full):
    page = s3.list_objects_v2(Bucket=full, Delimiter="/")
    assert [item["Prefix"] for item in page["CommonPrefixes"]] == [f"year={2000 + i}/" for i in range(25)]
    assert [item["Key"] for item in page["Contents"]] == [f"top-{i}" for i in range(5)]
    # Keys and prefixes together fill a page, and none is repeated on the next.
    pages = list(s3.get_paginator("list_objects_v2").paginate(
        Bucket=full, Delimiter="/", PaginationConfig={"PageSize": 7}))
    assert [len(p.get("Contents", [])) + len(p.get("CommonPrefixes", [])) for p in pages] == [7, 7, 7, 7, 2]
    assert [item["Prefix"] for p in pages for item in p.get("CommonPrefixes", [])] == \
        [item["Prefix"] for item in page["CommonPrefixes"]]


def test_prefix_and_start_after(s3, full):
    page = s3.list_objects_v2(Bucket=full, Prefix="year=2003/", StartAfter=KEYS[KEYS.index("year=2003/object-00078")])
    assert keys_of([page]) == [key for key in KEYS if key.startswith("year=2003/") and key > "year=2003/object-00078"]
    page = s3.list_objects(Bucket=full, Prefix="top", Marker="top-2")
    assert keys_of([page]) == ["top-3", "top-4"]


def test_versions_and_markers_list_all(s3, full):
    pages = s3.get_paginator("list_object_versions").paginate(Bucket=full)
    versions = [item for page in pages for item in page["Versions"]]
    assert [item["Key"] for item in versions] == KEYS
    assert {(item["VersionId"], item["IsLatest"]) for item in versions} == {("null", True)}

"""restic: a repository is made, filled, checked to the last byte, restored, and thinned out."""

import filecmp

import pytest
from drivers import MIB, run


@pytest.fixture
def restic(endpoint, bucket_name, tmp_path_factory):
    directory = tmp_path_factory.mktemp("restic")
    environment = {
        "AWS_ACCESS_KEY_ID": endpoint.access_key, "AWS_SECRET_ACCESS_KEY": endpoint.secret_key,
        "RESTIC_REPOSITORY": f"s3:{endpoint.url}/{bucket_name}/repository", "RESTIC_PASSWORD": "only a test",
        "RESTIC_CACHE_DIR": str(directory), "HOME": str(directory)}
    trust = ["--cacert", endpoint.ca_file] if endpoint.tls else []
    return lambda *arguments: run("restic", *trust, *arguments, environment=environment)


@pytest.fixture
def tree(tmp_path, some_bytes):
    for i in range(30):
        path = tmp_path / "tree" / f"{i % 5}" / f"file-{i}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(some_bytes(i * 20_000))
    (tmp_path / "tree/big").write_bytes(some_bytes(40 * MIB))
    return tmp_path / "tree"


def same(left, right):
    compared = filecmp.dircmp(left, right)
    return not (compared.left_only or compared.right_only or compared.diff_files) and \
        all(same(left / name, right / name) for name in compared.common_dirs)


def test_backup_check_restore_forget(restic, tree, tmp_path):
    restic("init")  # makes the bucket, too
    restic("backup", tree)
    restic("check", "--read-data")
    restic("restore", "latest", "--target", tmp_path / "back")
    assert same(tree, tmp_path / "back" / tree.relative_to("/"))

    (tree / "0/file-0").write_bytes(b"changed")
    (tree / "big").unlink()
    restic("backup", tree)
    restic("forget", "--keep-last", "1", "--prune")
    restic("check", "--read-data")
    restic("restore", "latest", "--target", tmp_path / "again")
    assert same(tree, tmp_path / "again" / tree.relative_to("/"))


def test_a_lock_of_another_is_seen(restic):
    restic("init")
    assert restic("list", "locks") == ""
    with pytest.raises(RuntimeError, match="already"):
        restic("init")

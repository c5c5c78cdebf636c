"""MinIO's `mc`: versions, undo, tags and locks. Skipped where it is not installed (Debian's `mc` is another program)."""

import json
import os
import shutil
import subprocess

import pytest
from drivers import run

MC = os.environ.get("MC_PROGRAM") or shutil.which("mc")


def is_minios(program):
    if not program:
        return False
    told = subprocess.run([program, "--version"], capture_output=True, check=False, timeout=60)
    return b"mc version" in told.stdout


pytestmark = pytest.mark.skipif(not is_minios(MC), reason="MinIO's mc is not there; MC_PROGRAM names one")


@pytest.fixture
def mc(endpoint, tmp_path):
    """mc(arguments…) with the alias `coffer`; what it printed as a list of JSON objects."""

    def call(*arguments, text=False, stdin=subprocess.DEVNULL):
        more = {"SSL_CERT_FILE": endpoint.ca_file} if endpoint.ca_file else {}
        scheme, host = endpoint.url.split("://")
        told = run(MC, "--config-dir", tmp_path / "mc", "--json", *arguments, stdin=stdin, environment={
            "MC_HOST_coffer": f"{scheme}://{endpoint.access_key}:{endpoint.secret_key}@{host}", **more})
        return told if text else [json.loads(line) for line in told.splitlines()]

    return call


@pytest.fixture
def versioned(mc, bucket):
    mc("version", "enable", f"coffer/{bucket}")
    return f"coffer/{bucket}"


def put(mc, target, body, tmp_path):
    path = tmp_path / "body"
    path.write_bytes(body)
    mc("cp", path, target)


def test_version_info(mc, bucket):
    assert mc("version", "info", f"coffer/{bucket}")[0]["versioning"]["status"] == ""
    mc("version", "enable", f"coffer/{bucket}")
    assert mc("version", "info", f"coffer/{bucket}")[0]["versioning"]["status"] == "Enabled"
    mc("version", "suspend", f"coffer/{bucket}")
    assert mc("version", "info", f"coffer/{bucket}")[0]["versioning"]["status"] == "Suspended"


def test_a_bucket_is_made_with_versioning(mc, bucket_name):
    mc("mb", "--with-versioning", f"coffer/{bucket_name}")
    assert mc("version", "info", f"coffer/{bucket_name}")[0]["versioning"]["status"] == "Enabled"


def test_versions_are_listed_read_and_undone(mc, versioned, tmp_path):
    for body in (b"one", b"two"):
        put(mc, f"{versioned}/k", body, tmp_path)
    mc("rm", f"{versioned}/k")
    assert mc("ls", versioned) == []
    listed = mc("ls", "--versions", versioned)
    assert [(entry.get("isDeleteMarker", False), entry["size"]) for entry in listed] == [(True, 0), (False, 3), (False, 3)]
    assert mc("cat", "--version-id", listed[2]["versionId"], f"{versioned}/k", text=True) == "one"
    mc("undo", "--force", f"{versioned}/k")
    assert mc("cat", f"{versioned}/k", text=True) == "two"
    mc("undo", "--force", f"{versioned}/k")
    assert mc("cat", f"{versioned}/k", text=True) == "one"


def test_all_versions_are_removed(mc, versioned, tmp_path):
    for body in (b"one", b"two"):
        put(mc, f"{versioned}/a/k", body, tmp_path)
    mc("rm", f"{versioned}/a/k")
    mc("rm", "--recursive", "--versions", "--force", versioned)
    assert mc("ls", "--versions", "--recursive", versioned) == []
    mc("rb", versioned)


def test_tags(mc, versioned, tmp_path):
    put(mc, f"{versioned}/k", b"body", tmp_path)
    mc("tag", "set", f"{versioned}/k", "colour=blue&size=big")
    assert mc("tag", "list", f"{versioned}/k")[0]["tagset"] == {"colour": "blue", "size": "big"}
    mc("tag", "remove", f"{versioned}/k")
    assert "tagset" not in mc("tag", "list", f"{versioned}/k")[0]
    mc("tag", "set", versioned, "team=storage")
    assert mc("tag", "list", versioned)[0]["tagset"] == {"team": "storage"}
    mc("tag", "remove", versioned)


@pytest.fixture
def locked(mc, bucket_name):
    mc("mb", "--with-lock", f"coffer/{bucket_name}")
    return f"coffer/{bucket_name}"


def test_a_default_retention_is_set_and_cleared(mc, locked, tmp_path):
    mc("retention", "set", "--default", "GOVERNANCE", "30d", locked)
    told = mc("retention", "info", "--default", locked)[0]
    assert (told["mode"], told["validity"]) == ("GOVERNANCE", "30DAYS")
    put(mc, f"{locked}/k", b"body", tmp_path)
    assert mc("stat", f"{locked}/k")[0]["metadata"]["X-Amz-Object-Lock-Mode"] == "GOVERNANCE"
    mc("retention", "clear", "--default", locked)
    assert mc("retention", "info", "--default", locked)[0]["mode"] == ""


def test_a_retention_is_set_bypassed_and_cleared(mc, locked, tmp_path):
    put(mc, f"{locked}/k", b"body", tmp_path)
    mc("retention", "set", "GOVERNANCE", "10d", f"{locked}/k")
    assert mc("retention", "info", f"{locked}/k")[0]["mode"] == "GOVERNANCE"
    with pytest.raises(RuntimeError):
        mc("retention", "set", "GOVERNANCE", "1d", f"{locked}/k")
    mc("retention", "set", "--bypass", "GOVERNANCE", "1d", f"{locked}/k")
    version = mc("ls", "--versions", locked)[0]["versionId"]
    with pytest.raises(RuntimeError):
        mc("rm", "--version-id", version, f"{locked}/k")
    mc("retention", "clear", f"{locked}/k")
    mc("rm", "--version-id", version, f"{locked}/k")


def test_a_legal_hold_is_set_and_cleared(mc, locked, tmp_path):
    put(mc, f"{locked}/k", b"body", tmp_path)
    mc("legalhold", "set", f"{locked}/k")
    assert mc("legalhold", "info", f"{locked}/k")[0]["legalhold"] == "ON"
    version = mc("ls", "--versions", locked)[0]["versionId"]
    with pytest.raises(RuntimeError):
        mc("rm", "--bypass", "--version-id", version, f"{locked}/k")
    mc("legalhold", "clear", f"{locked}/k")
    mc("rm", "--version-id", version, f"{locked}/k")


def test_lifecycle_rules(mc, bucket, tmp_path):
    target = f"coffer/{bucket}"
    mc("ilm", "rule", "add", "--prefix", "tmp/", "--expire-days", "30", target)
    mc("ilm", "rule", "add", "--tags", "kind=log", "--noncurrent-expire-days", "7", "--noncurrent-expire-newer", "3", target)
    rules = mc("ilm", "rule", "ls", target)[0]["config"]["Rules"]
    assert sorted(rule["Status"] for rule in rules) == ["Enabled", "Enabled"]
    exported = mc("ilm", "rule", "export", target, text=True)
    config = json.loads(exported)
    mc("ilm", "rule", "rm", "--id", rules[0]["ID"], target)
    assert [rule["ID"] for rule in mc("ilm", "rule", "ls", target)[0]["config"]["Rules"]] == [rules[1]["ID"]]
    mc("ilm", "rule", "rm", "--all", "--force", target)
    with pytest.raises(RuntimeError):
        mc("ilm", "rule", "ls", target)
    (tmp_path / "rules").write_text(json.dumps(config.get("config", config)))
    with open(tmp_path / "rules", encoding="utf-8") as rules_file:
        mc("ilm", "rule", "import", target, stdin=rules_file)
    assert len(mc("ilm", "rule", "ls", target)[0]["config"]["Rules"]) == 2
    mc("ilm", "rule", "edit", "--id", rules[0]["ID"], "--expire-days", "60", target)

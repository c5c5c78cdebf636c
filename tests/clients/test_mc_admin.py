"""MinIO's `mc admin`: users, groups, policies, access keys. Skipped where it is not installed."""

import json
import uuid

import pytest
from drivers import run
from test_mc import MC, is_minios

pytestmark = pytest.mark.skipif(not is_minios(MC), reason="MinIO's mc is not there; MC_PROGRAM names one")


@pytest.fixture
def mc(endpoint, tmp_path):
    """mc(arguments…, key=…) with the alias `coffer` for root, or for (access key, secret key)."""

    def call(*arguments, key=None, text=False):
        access_key, secret_key = key or (endpoint.access_key, endpoint.secret_key)
        more = {"SSL_CERT_FILE": endpoint.ca_file} if endpoint.ca_file else {}
        scheme, host = endpoint.url.split("://")
        told = run(MC, "--config-dir", tmp_path / "mc", "--json", *arguments, environment={
            "MC_HOST_coffer": f"{scheme}://{access_key}:{secret_key}@{host}", **more})
        return told if text else [json.loads(line) for line in told.splitlines()]

    return call


def refused(call, *arguments, **parameters):
    """What a command says that fails."""
    with pytest.raises(RuntimeError) as error:
        call(*arguments, **parameters)
    return str(error.value)


@pytest.fixture
def name():
    return "u" + uuid.uuid4().hex[:12]


@pytest.fixture
def user(mc, name):
    """A new user: access key, which is its name, and secret key."""
    mc("admin", "user", "add", "coffer", name, "secret-of-" + name)
    return name, "secret-of-" + name


@pytest.fixture
def policy_file(bucket, tmp_path):
    path = tmp_path / "policy.json"
    path.write_text(json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": [f"arn:aws:s3:::{bucket}/*"]},
        {"Effect": "Allow", "Action": ["s3:ListBucket", "s3:GetBucketLocation"],
         "Resource": [f"arn:aws:s3:::{bucket}"]}]}))
    return path


def test_info_tells_what_the_server_is_and_holds(mc, s3, bucket, user):
    s3.put_object(Bucket=bucket, Key="k", Body=b"12345")
    info = mc("admin", "info", "coffer")[0]["info"]
    assert info["mode"] == "online" and info["backend"]["backendType"] == "FS"
    assert info["buckets"]["count"] >= 1 and info["objects"]["count"] >= 1 and info["usage"]["size"] >= 5
    server, = info["servers"]
    assert server["state"] == "online" and server["drives"][0]["totalspace"] > 0
    denied = mc("admin", "info", "coffer", key=user)[0]
    assert denied["status"] == "error" and "Access Denied" in denied["error"]


def test_a_user_lives_and_goes(mc, user, bucket):
    name, _ = user
    assert mc("admin", "user", "info", "coffer", name)[0]["userStatus"] == "enabled"
    assert "Access Denied" in refused(mc, "ls", f"coffer/{bucket}", key=user)
    mc("admin", "policy", "attach", "coffer", "readwrite", "--user", name)
    assert mc("admin", "user", "info", "coffer", name)[0]["policyName"] == "readwrite"
    mc("ls", f"coffer/{bucket}", key=user)
    mc("admin", "user", "disable", "coffer", name)
    assert [each["userStatus"] for each in mc("admin", "user", "ls", "coffer")
            if each["accessKey"] == name] == ["disabled"]
    refused(mc, "ls", f"coffer/{bucket}", key=user)
    mc("admin", "user", "enable", "coffer", name)
    mc("ls", f"coffer/{bucket}", key=user)
    mc("admin", "user", "remove", "coffer", name)
    assert name not in [each["accessKey"] for each in mc("admin", "user", "ls", "coffer")]
    refused(mc, "ls", f"coffer/{bucket}", key=user)


def test_a_policy_is_made_attached_and_removed(mc, user, name, bucket, policy_file, tmp_path):
    mc("admin", "policy", "create", "coffer", name, policy_file)
    told = mc("admin", "policy", "info", "coffer", name)[0]["policyInfo"]
    assert told["Policy"]["Statement"][1]["Resource"] == [f"arn:aws:s3:::{bucket}"]
    listed = [each["policy"] for each in mc("admin", "policy", "ls", "coffer")]
    assert {name, "readonly", "readwrite", "writeonly", "diagnostics", "consoleAdmin"} <= set(listed)
    mc("admin", "policy", "attach", "coffer", name, "--user", user[0])
    body = tmp_path / "body"
    body.write_bytes(b"body")
    mc("cp", body, f"coffer/{bucket}/k", key=user)
    assert mc("cat", f"coffer/{bucket}/k", key=user, text=True) == "body"
    refused(mc, "rm", f"coffer/{bucket}/k", key=user)
    entities = mc("admin", "policy", "entities", "coffer", "--policy", name)[0]["result"]
    assert entities["policyMappings"][0]["users"] == [user[0]]
    of_user = mc("admin", "policy", "entities", "coffer", "--user", user[0])[0]["result"]
    assert of_user["userMappings"][0]["policies"] == [name]
    refused(mc, "admin", "policy", "rm", "coffer", name)
    mc("admin", "policy", "detach", "coffer", name, "--user", user[0])
    refused(mc, "cat", f"coffer/{bucket}/k", key=user)
    mc("admin", "policy", "rm", "coffer", name)
    assert name not in [each["policy"] for each in mc("admin", "policy", "ls", "coffer")]


def test_a_group_gives_and_takes(mc, user, name, bucket):
    group = "g" + name
    mc("admin", "group", "add", "coffer", group, user[0])
    mc("admin", "policy", "attach", "coffer", "readwrite", "--group", group)
    told = mc("admin", "group", "info", "coffer", group)[0]
    assert (told["members"], told["groupPolicy"], told["groupStatus"]) == ([user[0]], "readwrite", "enabled")
    assert group in mc("admin", "group", "ls", "coffer")[0]["groups"]
    mc("ls", f"coffer/{bucket}", key=user)
    mc("admin", "group", "disable", "coffer", group)
    refused(mc, "ls", f"coffer/{bucket}", key=user)
    mc("admin", "group", "enable", "coffer", group)
    mc("ls", f"coffer/{bucket}", key=user)
    refused(mc, "admin", "group", "remove", "coffer", group)
    mc("admin", "group", "remove", "coffer", group, user[0])
    refused(mc, "ls", f"coffer/{bucket}", key=user)
    mc("admin", "group", "remove", "coffer", group)
    assert group not in (mc("admin", "group", "ls", "coffer")[0].get("groups") or [])


@pytest.mark.parametrize("command", [("accesskey",), ("user", "svcacct")])
def test_a_service_account_of_a_user(mc, user, name, bucket, policy_file, command):
    new = command == ("accesskey",)
    admin = ("admin", *command)
    mc("admin", "policy", "attach", "coffer", "readwrite", "--user", user[0])
    key = (f"app-{name}", f"secret-of-app-{name}")
    mc(*admin, "create" if new else "add", "coffer", user[0], "--access-key", key[0], "--secret-key", key[1],
       "--name", "app", "--description", "an app")
    told = mc(*admin, "info", "coffer", key[0])[0]
    assert (told["parentUser"], told["name"], told["description"]) == (user[0], "app", "an app")
    assert told["accountStatus"] == "on"
    listed = mc(*admin, "ls", "coffer", user[0], text=True)
    assert key[0] in listed
    mc("rb", "--force", f"coffer/{bucket}", key=key)
    mc("mb", f"coffer/{bucket}", key=key)
    mc(*admin, "edit", "coffer", key[0], "--policy", policy_file)
    mc("ls", f"coffer/{bucket}", key=key)
    refused(mc, "rb", f"coffer/{bucket}", key=key)
    mc(*admin, "disable", "coffer", key[0])
    assert mc(*admin, "info", "coffer", key[0])[0]["accountStatus"] == "off"
    refused(mc, "ls", f"coffer/{bucket}", key=key)
    mc(*admin, "enable", "coffer", key[0])
    mc("ls", f"coffer/{bucket}", key=key)
    mc(*admin, "edit", "coffer", key[0], "--expiry-duration" if new else "--expiry",
       "24h" if new else "2099-01-01")
    assert mc(*admin, "info", "coffer", key[0])[0]["expiration"] > "2026"
    mc(*admin, "rm", "coffer", key[0])
    refused(mc, "ls", f"coffer/{bucket}", key=key)


def test_a_user_keeps_its_own_service_accounts(mc, user, name, bucket):
    mc("admin", "policy", "attach", "coffer", "readwrite", "--user", user[0])
    told = mc("admin", "accesskey", "create", "coffer", key=user)[0]
    own = (told["accessKey"], told["secretKey"])
    mc("ls", f"coffer/{bucket}", key=own)
    refused(mc, "admin", "user", "ls", "coffer", key=user)
    refused(mc, "admin", "accesskey", "create", "coffer", "another-user", key=user)
    mc("admin", "accesskey", "rm", "coffer", own[0], key=user)
    refused(mc, "ls", f"coffer/{bucket}", key=own)

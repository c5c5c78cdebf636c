"""Every command of MinIO's `mc`, each in its plainest form: what works here, and what says that it is not offered.

A command that mc gets anew is missed here, and fails the test of the list. What the commands do beyond that they end well
is told by test_mc.py, test_mc_admin.py and the tests of each capability.
"""

import re
import subprocess

import pytest
from drivers import clean_environment
from test_mc import MC, is_minios

pytestmark = pytest.mark.skipif(not is_minios(MC), reason="MinIO's mc is not there; MC_PROGRAM names one")

# Each a list of command lines. {b}: a bucket with versions and the object `a`, {f}: a file, {d}: an empty directory,
# {n}: a name that nobody has yet, {p}: a file with a policy.
WORK = {
    "anonymous": ["anonymous set download {b}", "anonymous get {b}", "anonymous list {b}", "anonymous links {b}",
                  "anonymous set none {b}"],
    "cat": ["cat {b}/a"],
    "cors": ["cors set {b} {c}", "cors get {b}", "cors remove {b}"],
    "cp": ["cp {f} {b}/c", "cp {b}/a {b}/c", "cp {b}/a {d}/c"],
    "diff": ["diff {b} {b}"],
    "du": ["du {b}", "du --versions {b}"],
    "encrypt": ["encrypt set sse-s3 {b}", "encrypt info {b}", "encrypt clear {b}"],
    "event": ["event list {b}"],
    "find": ["find {b} --name a"],
    "get": ["get {b}/a {d}/got"],
    "head": ["head -n 1 {b}/a"],
    "ilm": ["ilm rule add --expire-days 30 --prefix old/ {b}", "ilm rule ls {b}", "ilm rule export {b}",
            "ilm rule remove --all --force {b}"],
    "legalhold": ["legalhold set {l}/a", "legalhold info {l}/a", "legalhold clear {l}/a"],
    "ls": ["ls coffer", "ls {b}", "ls --versions {b}", "ls --recursive {b}"],
    "mb": ["mb coffer/{n}", "mb --ignore-existing coffer/{n}"],
    "mirror": ["mirror {b} {d}", "mirror --overwrite --remove {d} {b}/copy/"],
    "mv": ["mv {b}/a {b}/c"],
    "od": ["od if={f} of={b}/od size=5B"],
    "ping": ["ping --count 1 coffer"],
    "pipe": ["pipe {b}/piped"],
    "put": ["put {f} {b}/put"],
    "quota": ["quota set {b} --size 1GiB", "quota info {b}", "quota clear {b}"],
    "rb": ["rb --force {b}"],
    "ready": ["ready coffer"],
    "retention": ["retention set --default governance 1d {l}", "retention info --default {l}",
                  "retention clear --default {l}"],
    "rm": ["rm {b}/a", "rm --recursive --force --versions {b}"],
    "share": ["share download {b}/a", "share upload {b}/up", "share list download"],
    "stat": ["stat {b}/a", "stat {b}"],
    "tag": ["tag set {b}/a k=v", "tag list {b}/a", "tag remove {b}/a", "tag set {b} k=v", "tag list {b}"],
    "tree": ["tree --files {b}"],
    "undo": ["undo --last 1 --force {b}/a"],
    "version": ["version enable {b}", "version info {b}", "version suspend {b}"],
}
ADMIN_WORK = {
    "info": ["admin info coffer"],
    "user": ["admin user add coffer {n} a-long-secret", "admin user list coffer", "admin user info coffer {n}",
             "admin user disable coffer {n}", "admin user enable coffer {n}", "admin user remove coffer {n}"],
    "group": ["admin user add coffer {n} a-long-secret", "admin group add coffer group-{n} {n}",
              "admin group list coffer", "admin group info coffer group-{n}"],
    "policy": ["admin policy create coffer {n} {p}", "admin policy list coffer", "admin policy info coffer {n}",
               "admin policy remove coffer {n}"],
    "accesskey": ["admin accesskey create coffer", "admin accesskey list coffer"],
    "prometheus": ["admin prometheus generate coffer"],
}

# What the server is asked for, and does not offer; `mc sql` ends with 0 all the same.
REFUSED = {
    "replicate": "replicate add {b} --remote-bucket http://user:password@localhost:1/bucket",
    "sql": "sql --query select {b}/a",
    "batch": "batch list coffer",
    "idp": "idp openid ls coffer",
    "support": "support top locks coffer",
}
ADMIN_REFUSED = {
    "service": "admin service restart coffer",
    "config": "admin config get coffer api",
    "replicate": "admin replicate info coffer",
    "decommission": "admin decommission status coffer",
    "heal": "admin heal coffer",
    "kms": "admin kms key status coffer",
    "scanner": "admin scanner status coffer",
    "trace": "admin trace coffer",
    "cluster": "admin cluster bucket export coffer",
    "rebalance": "admin rebalance status coffer",
    "logs": "admin logs coffer",
    "update": "admin update coffer --yes",
}

# Of the client itself, of MinIO's company, or tested elsewhere: `watch` in test_notifications.py.
OWN = {"alias", "update", "license", "watch", "admin"}
ADMIN_OWN = {"top"}  # which only says that it has another name

POLICY = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["s3:*"], "Resource": ["*"]}]}'
CORS = """<CORSConfiguration><CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>GET</AllowedMethod></CORSRule>
</CORSConfiguration>"""


@pytest.fixture
def words(s3, bucket, tmp_path):
    """The command's names for what there is."""
    (tmp_path / "file").write_bytes(b"body\n")
    (tmp_path / "empty").mkdir()
    (tmp_path / "policy").write_text(POLICY)
    (tmp_path / "cors").write_text(CORS)
    s3.create_bucket(Bucket=f"{bucket}-locked", ObjectLockEnabledForBucket=True)
    return {"b": f"coffer/{bucket}", "l": f"coffer/{bucket}-locked", "n": f"{bucket}-new", "f": str(tmp_path / "file"),
            "d": str(tmp_path / "empty"), "p": str(tmp_path / "policy"), "c": str(tmp_path / "cors")}


@pytest.fixture
def call(endpoint, words, tmp_path):
    """call(line): its status, and all that it printed."""

    def run(line):
        more = {"SSL_CERT_FILE": endpoint.ca_file} if endpoint.ca_file else {}
        scheme, host = endpoint.url.split("://")
        environment = clean_environment(
            MC_HOST_coffer=f"{scheme}://{endpoint.access_key}:{endpoint.secret_key}@{host}", **more)
        done = subprocess.run(
            [MC, "--config-dir", str(tmp_path / "mc"), *(word.format(**words) for word in line.split())],
            env=environment, input=b"body", capture_output=True, timeout=60, check=False)
        return done.returncode, done.stdout.decode() + done.stderr.decode()

    for line in ("version enable {b}", "cp {f} {b}/a", "cp {f} {l}/a"):
        status, told = run(line)
        assert status == 0, told
    return run


def commands_of(*words):
    text = subprocess.run([MC, *words, "--help"], capture_output=True, check=True, timeout=60).stdout.decode()
    listed = re.search(r"COMMANDS:\n(.*?)\n\s*\n|COMMANDS:\n(.*?)\n[A-Z ]+:", text, re.S)
    lines = (listed.group(1) or listed.group(2)).splitlines()
    return {line.split()[0].rstrip(",") for line in lines if line.strip()}


def test_every_command_is_here():
    assert commands_of() == set(WORK) | set(REFUSED) | OWN
    assert commands_of("admin") == set(ADMIN_WORK) | set(ADMIN_REFUSED) | ADMIN_OWN


@pytest.mark.parametrize("lines", [*WORK.values(), *ADMIN_WORK.values()], ids=[*WORK, *(f"admin-{n}" for n in ADMIN_WORK)])
def test_it_works(call, lines):
    for line in lines:
        status, told = call(line)
        assert status == 0, f"mc {line}: {told}"


@pytest.mark.parametrize("line", [*REFUSED.values(), *ADMIN_REFUSED.values()])
def test_it_says_that_it_is_not_offered(call, line):
    _, told = call("--json " + line)
    assert '"status":"error"' in told, told
    assert re.search("NotImplemented|501 Not Implemented", told), told

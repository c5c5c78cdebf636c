"""Runs ceph/s3-tests against a server of its own and compares. s3_tests.sh, which makes the environment, explains it."""

import argparse
import base64
import os
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/support"))

from server import ACCESS_KEY, SECRET_KEY, Server  # noqa: E402

PASSING = ROOT / "tests/conformance/s3_tests_passing.txt"
SECONDS_PER_TEST = 120

# The server's own account (src/coffer/service/actor.h), whose buckets most of the suite's are.
OWNER_ID = "7d3c1e0b6a5f4928b1d0c3e7f6a9582410bd6f3e5c7a9281d4f0e6b3a7c5d912"
OWNER_NAME = "coffer"

# us-east-1 has no name as a location (AWS answers with an empty one), so that the test of it needs another region.
REGION = "eu-central-1"
SECONDS_IN_ALL = 3600

# The suite wants two, and an error where none is named: there is no default among the keys of a file.
KMS_KEYS = ("s3-tests-one", "s3-tests-two")

# What a test is about, by its name: the first pattern that is found. The groups before "----" are features that Coffer
# does not offer.
GROUPS = [
    ("logging", r"logging"),
    ("torrent", r"torrent"),
    ("----", r"$^"),
    ("browser uploads (POST)", r"post_object"),
    ("CORS", r"cors"),
    ("policies", r"policy"),
    ("public access block", r"public_block|block_public|ignore_public"),
    ("ownership", r"ownership|bucket_owner_|object_writer"),
    ("ACLs, anonymous access", r"acl|access_bucket|grant|anon|object_raw_get$|object_raw_get_(bucket|object)_gone|"
                               r"nonowner|object_read_unreadable|put_authenticated$"),
    ("object lock", r"object_lock"),
    ("lifecycle", r"lifecycle|delete_marker_expiration"),
    ("encryption", r"encrypt|sse_|copy_enc|copy_part_enc|put_obj_(enc|s3|kms)"),
    ("tagging", r"tag(s|ging)"),
    ("versioning", r"versioning|versioned|delete_marker"),
    ("listing, v2", r"listv2|bucketv2|basic_key_count"),
    ("listing, v1", r"bucket_list_"),
    ("conditions", r"if_?(none|un)?_?(match|modified)"),
    ("checksums", r"checksum|cksum"),
    ("atomicity", r"atomic|resend_first_finishes_last"),
    ("multi-delete", r"multi_object|expected_bucket_owner"),
    ("copy", r"object_copy|copy_object"),
    ("multipart", r"multipart|upload_part_copy"),
    ("ranges", r"^ranged"),
    ("presigned, raw", r"object_raw|presigned|100_continue|aws_chunked|requestid"),
    ("buckets", r"bucket"),
    ("objects", r""),
]
OFFERED = [name for name, _ in GROUPS[[name for name, _ in GROUPS].index("----") + 1:]]


def group_of(test):
    return next(name for name, pattern in GROUPS if re.search(pattern, test.removeprefix("test_")))


# Cases that wait for the lifecycle, on a server whose day is short. Others are told times in days as they are.
WAITS_FOR_DAYS = "test_delete_marker_expiration"
SHORT_DAY_SECONDS = 2

# Cases whose clients sign for the region "", on a server that has none.
OF_NO_REGION = "test_bucket_policy_deny_self"


def write_config(path, server):
    """Root's keys in most sections, those of further accounts in the sections of the others."""
    def user(canonical_id, name, access_key, secret_key):
        return f"display_name = {name}\nuser_id = {canonical_id}\nemail = {name}@example.com\n" \
               f"access_key = {access_key}\nsecret_key = {secret_key}\n"

    def other(name):
        account = server.account("create", name)
        return user(account["canonical_id"], name, account["access_key"], account["secret_key"])

    root, alt, tenant = user(OWNER_ID, OWNER_NAME, ACCESS_KEY, SECRET_KEY), other("alt"), other("tenant")
    path.write_text(
        f"[DEFAULT]\nhost = localhost\nport = {server.port}\nis_secure = False\nssl_verify = False\n\n"
        "[fixtures]\nbucket prefix = s3-tests-{random}-\niam name prefix = s3-tests-\niam path prefix = /s3-tests/\n\n"
        f"[s3 main]\napi_name = {REGION}\nlc_debug_interval = {SHORT_DAY_SECONDS}\nkms_keyid = {KMS_KEYS[0]}\n"
        f"kms_keyid2 = {KMS_KEYS[1]}\n{root}\n[s3 alt]\n{alt}\n[s3 tenant]\ntenant = tenant\n{tenant}\n"
        f"[iam]\n{root}\n[iam root]\n{root}\n[iam alt root]\n{alt}")


def run_suite(options, directory):
    """{test: outcome}, outcome "passed" or the first line of why not."""
    (directory / "output.txt").unlink(missing_ok=True)
    if options.file != "test_s3.py":
        return run_cases(options, directory, options.k or "test", {"MINIO_REGION": ""})
    chosen = f"({options.k}) and " if options.k else ""
    return run_cases(options, directory, f"{chosen}not {WAITS_FOR_DAYS} and not {OF_NO_REGION}", {}) | \
        run_cases(options, directory, f"{chosen}{WAITS_FOR_DAYS}", {"COFFER_LIFECYCLE_DAY": f"{SHORT_DAY_SECONDS}s"}) | \
        run_cases(options, directory, f"{chosen}{OF_NO_REGION}", {"MINIO_REGION": ""})


def run_cases(options, directory, select, settings):
    keys = directory / "kms-keys"
    keys.write_text("".join(f"{name}:{base64.b64encode(os.urandom(32)).decode()}\n" for name in KMS_KEYS))
    server = Server(options.program, environment={
        "MINIO_REGION": REGION, "COFFER_KMS_KEY_FILE": str(keys), "COFFER_SSE_C_OVER_HTTP": "on",
        "COFFER_OBJECT_OWNERSHIP": "ObjectWriter", "COFFER_RECREATE_OWN_BUCKET": "on",
        "COFFER_DIALECT": "ceph"} | settings)
    report = directory / "report.xml"
    report.unlink(missing_ok=True)
    try:
        server.start()
        write_config(directory / "s3tests.conf", server)
        environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        environment |= {"S3TEST_CONF": str(directory / "s3tests.conf"), "PYTHONDONTWRITEBYTECODE": "1",
                        "AWS_DEFAULT_REGION": REGION}
        with open(directory / "output.txt", "a", encoding="utf-8") as output:
            subprocess.run(
                [sys.executable, "-m", "pytest", f"s3tests/functional/{options.file}", "-m", "not fails_on_aws", "-k", select,
                 "-p", "no:cacheprovider", "--timeout", str(SECONDS_PER_TEST), f"--junit-xml={report}", "--tb=short",
                 "-q"],
                cwd=options.path, env=environment, stdout=output, stderr=output, timeout=SECONDS_IN_ALL, check=False)
    finally:
        server.stop()
    outcomes = {}
    for case in ElementTree.parse(report).getroot().iter("testcase"):
        problem = next((child for child in case if child.tag in ("failure", "error", "skipped")), None)
        why = "passed" if problem is None else f"{problem.tag}: {problem.get('message', '').splitlines()[0][:200]}"
        outcomes[case.get("name")] = why if outcomes.get(case.get("name"), "passed") == "passed" else \
            outcomes[case.get("name")]
    return outcomes


def print_groups(outcomes):
    totals = defaultdict(lambda: [0, 0])
    for test, why in outcomes.items():
        totals[group_of(test)][why == "passed"] += 1

    def row(name, failed, passed):
        print(f"  {name:26}{passed:6} of {passed + failed}")

    print("Offered:")
    for name in OFFERED:
        row(name, *totals[name])
    row("all of these", *(sum(totals[name][i] for name in OFFERED) for i in (0, 1)))
    print("Not offered:")
    for name in (name for name in totals if name not in OFFERED):
        row(name, *totals[name])
    row("all", *(sum(total[i] for total in totals.values()) for i in (0, 1)))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("path", type=Path)
    parser.add_argument("--program", type=Path, default=ROOT / "build/release/coffer")
    parser.add_argument("--update", action="store_true")
    parser.add_argument("--file", default="test_s3.py", help="another file of the suite: what passes is only counted")
    parser.add_argument("-k")
    options = parser.parse_args()
    options.program = options.program.resolve()

    directory = ROOT / "build/s3-tests"
    directory.mkdir(parents=True, exist_ok=True)
    outcomes = run_suite(options, directory)
    (directory / "outcomes.txt").write_text(
        "".join(f"{test}\t{group_of(test)}\t{why}\n" for test, why in sorted(outcomes.items())), encoding="utf-8")

    if options.file != "test_s3.py":
        for test, why in sorted(outcomes.items()):
            if why != "passed":
                print(f"  {test}: {why}")
        print(f"{options.file}: {sum(why == 'passed' for why in outcomes.values())} of {len(outcomes)} pass")
        return

    known = set(PASSING.read_text(encoding="utf-8").split("\n")) - {""} if PASSING.exists() else set()
    passed = {test for test, why in outcomes.items() if why == "passed"}
    lost = sorted(test for test in known - passed if test in outcomes or not options.k)
    gained = sorted(passed - known)
    print_groups(outcomes)
    print("\nFailed in groups that are offered:")
    for test in sorted(outcomes):
        if test not in passed and group_of(test) in OFFERED:
            print(f"  {test}: {outcomes[test]}")
    if gained:
        print(f"\n{len(gained)} pass that are not in the list" + (": added" if options.update else " (--update adds them)"))
        if options.update:
            PASSING.write_text("".join(f"{test}\n" for test in sorted(known | passed)), encoding="utf-8")
    for test in lost:
        print(f"REGRESSION: {test}: {outcomes.get(test, 'did not run')}")
    print(f"\n{len(passed)} passed, {len(outcomes) - len(passed)} failed; of the {len(known)} that must pass, "
          f"{len(lost)} did not")
    return 1 if lost or not outcomes else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env bash
# Runs ceph/s3-tests against Coffer and compares with the committed list of passing tests.
#
#   tests/conformance/s3_tests.sh PATH [--update] [-k EXPRESSION] [--file FILE] [--program build/release/coffer]
#
# PATH is a checkout of github.com/ceph/s3-tests; nothing is written there. --update adds what newly passes to
# tests/conformance/s3_tests_passing.txt: the list only grows. -k is pytest's. --file names another file of the suite,
# such as test_iam.py: what passes there is only counted. The outcome lands in build/s3-tests/.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
if [[ ! -f ${1:-}/s3tests/functional/test_s3.py ]]; then
    sed -n '2,8s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
    exit 2
fi

venv=$root/build/s3-tests-venv
requirements=$root/tests/conformance/s3_tests_requirements.txt
if ! cmp -s "$requirements" "$venv/installed.txt"; then
    echo "Installing what the suite needs (tests/conformance/s3_tests_requirements.txt)"
    rm -rf "$venv"
    /usr/bin/python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check --no-deps -r "$requirements"
    cp "$requirements" "$venv/installed.txt"
fi
exec "$venv/bin/python" "$root/tests/conformance/s3_tests.py" "$@"

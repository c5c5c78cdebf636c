"""Each house rule finds what it is there to find, in a small tree that breaks it."""

import json
import re
import tempfile
import unittest
from argparse import Namespace
from pathlib import Path

import house


class HouseTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.root = Path(directory.name)
        self.write("src/coffer/CMakeLists.txt", "foreach(layer base os codec runtime http db api app)\nendforeach()\n")
        self.options = Namespace(build=self.root / "build", clang_format="clang-format-19")

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def findings(self, rule):
        return list(house.RULES[rule](self.root, self.options))

    def test_layers(self):
        self.write("src/coffer/app/a.cc", '#include "coffer/base/error.h"\n#include "coffer/app/a.h"\n')
        self.write("src/coffer/api/s3/routes.cc", '#include "coffer/api/s3/routes.h"\n#include "coffer/api/reply.h"\n')
        self.write("src/coffer/os/a_test.cc", '#include "tests/support/x.h"\n')
        self.assertEqual(self.findings("layers"), [])
        self.write("src/coffer/os/file.cc", '#include "coffer/codec/date.h"\n')
        self.write("src/coffer/api/s3/other.cc", '#include "coffer/api/minio/health.h"\n')
        self.write("src/coffer/base/test.cc", '#include "tests/support/x.h"\n')
        self.write("src/coffer/misc/x.cc", "")
        self.assertEqual(len(self.findings("layers")), 4)

    def test_homes(self):
        self.write("src/coffer/codec/xml.cc", "#include <pugixml.hpp>\n#include <string>\n")
        self.write("src/coffer/http/session.cc", "#include <boost/beast/http.hpp>\n#include <openssl/ssl.h>\n")
        self.write("src/coffer/app/x_test.cc", "#include <gtest/gtest.h>\n#include <boost/asio/post.hpp>\n")
        self.assertEqual(self.findings("homes"), [])
        self.write("src/coffer/http/session.h", "#include <boost/beast/http.hpp>\n")
        self.write("src/coffer/app/main.cc", "#include <pugixml.hpp>\n#include <sqlite3.h>\n#include <boost/asio.hpp>\n")
        self.assertEqual(len(self.findings("homes")), 4)

    def test_headers(self):
        self.write("src/coffer/base/a.h", "// What it is.\n#pragma once\n")
        self.assertEqual(self.findings("headers"), [])
        self.write("src/coffer/base/b.h", "#pragma once\n")
        self.write("src/coffer/base/c.h", "// What it is.\n#include <string>\n#pragma once\n")
        self.assertEqual(len(self.findings("headers")), 2)

    def test_registered(self):
        self.write("src/coffer/base/CMakeLists.txt", "coffer_library(base\n    SOURCES\n        a.cc a.h\n)\n")
        self.write("src/coffer/base/a.h", "")
        self.write("src/coffer/base/a.cc", "")
        self.write("build/compile_commands.json", json.dumps(
            [{"directory": str(self.root / "build"), "file": str(self.root / "src/coffer/base/a.cc")}]))
        self.assertEqual(self.findings("registered"), [])
        self.write("src/coffer/base/forgotten_test.cc", "")
        self.write("src/coffer/base/forgotten.h", "")
        self.assertEqual(len(self.findings("registered")), 2)

    def test_format(self):
        self.write(".clang-format", "BasedOnStyle: Google\n")
        self.write("src/coffer/base/a.cc", "int a;\n")
        self.assertEqual(self.findings("format"), [])
        self.write("src/coffer/base/b.cc", "int   b ;\n")
        self.assertEqual(self.findings("format"), ["src/coffer/base/b.cc: not formatted (./dev format)"])

    def test_dev_formats_the_same_folders_and_they_are_there(self):
        found = re.search(r"^sources\(\) \{ find ([a-z ]+) -name", (house.ROOT / "dev").read_text(), re.MULTILINE)
        self.assertEqual(tuple(found[1].split()), house.SOURCE_FOLDERS)
        for folder in house.SOURCE_FOLDERS:
            self.assertTrue((house.ROOT / folder).is_dir(), folder)

    def test_paths(self):
        self.write("docs/a.md", "Data lies under /data/bucket, and https://example.com/home/page is a link.\n")
        self.assertEqual(self.findings("paths"), [])
        self.write("docs/b.md", "I built it in /" + "home/me/coffer.\n")
        self.assertEqual(len(self.findings("paths")), 1)

    def test_attacks(self):
        titles = "\n".join(f"case {number}: bad" for number in range(2, 47))
        self.write("tests/wire/scripts/all.wire", titles)
        self.write("src/coffer/os/a_test.cc", "TEST(A, Case51To57AreRefused) {}\n// Cases 59 and 60.\n")
        self.write("src/coffer/os/a.cc", "// Case 1\n")
        self.assertEqual(self.findings("attacks"), ["case 1 of the attack catalogue is named by no test"])

    def test_constant_time(self):
        self.write("src/coffer/os/a.cc", "if (EqualInConstantTime(a.Reveal(), b)) return signature;\n")
        self.assertEqual(self.findings("constant_time"), [])
        self.write("src/coffer/os/b.cc", "if (a.Reveal() == b) {}\nif (x != claim.signature) {}\n")
        self.assertEqual(len(self.findings("constant_time")), 2)


if __name__ == "__main__":
    unittest.main()

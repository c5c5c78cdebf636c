"""The harness runs, so that it does not rot: each scenario once, on Coffer alone, with little of everything.

    smoke_test.py BUILD

How fast anything was is not looked at.
"""

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

BENCH = Path(__file__).resolve().parent
sys.path.insert(0, str(BENCH))

from harness import scenarios  # noqa: E402

BUILD = ""


class SmokeTest(unittest.TestCase):
    def test_every_scenario_measures_something_and_cleans_up(self):
        # Other people's loaders may not be installed.
        own = [scenario for scenario in scenarios.table() if not scenario.needs]
        with tempfile.TemporaryDirectory(prefix="coffer-bench-") as directory:
            done = subprocess.run(
                [sys.executable, BENCH / "compare.py", "--smoke", "--build", BUILD, "--results", directory,
                 *(scenario.name for scenario in own)],
                capture_output=True, text=True, timeout=280, check=False)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            for scenario in own:
                with self.subTest(scenario.name):
                    result = json.loads(Path(directory, f"{scenario.name}.json").read_text())
                    found = result["medians"]["coffer"]
                    self.assertTrue(any(value > 0 for value in found.values()), found)
                    self.assertEqual(len(result["goals"]), len(scenario.goals))
                    self.assertIn(scenario.title, done.stdout)
            left = [path.name for path in Path(directory, "work").iterdir() if path.is_dir()]
            self.assertEqual(left, [])


if __name__ == "__main__":
    BUILD = str(Path(sys.argv.pop(1)).resolve())
    unittest.main()

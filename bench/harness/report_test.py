"""What the harness says of rounds: references of goals, verdicts, the document."""

import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from harness import report, tracing  # noqa: E402
from harness.scenarios import Goal  # noqa: E402


def rounds(*rates, **more):
    """Rounds of Coffer at those rates, and of another server at a tenth of them."""
    return [{"probes": {"disk/1": {"p50_us": 100.0}, "log/1": {"p50_us": 50.0}},
             "trials": {"coffer": {"rate": rate, "p50_us": 300.0, "quiet_us": 100.0}, "other": {"rate": rate / 10}}}
            for rate in rates]


def verdicts(*goals, of):
    return [row["verdict"] for row in report.judge(goals, of)]


class JudgeTest(unittest.TestCase):
    def test_against_a_peer_in_the_same_round(self):
        found = report.judge([Goal("rate", ">=", 10, peer="other")], rounds(100.0, 50.0, 10.0))
        self.assertEqual(found[0]["measured"], [10, 10, 10])
        self.assertEqual(found[0]["verdict"], "reached")
        self.assertEqual(found[0]["goal"], "per s >= 10 x other")

    def test_against_the_sum_of_probes(self):
        goals = (Goal("p50_us", "<=", 2, probes=("disk/1.p50_us", "log/1.p50_us")),
                 Goal("p50_us", "<=", 1.9, probes=("disk/1.p50_us", "log/1.p50_us")))
        self.assertEqual(verdicts(*goals, of=rounds(1.0, 2.0)), ["reached", "not reached"])

    def test_against_itself_and_against_a_figure(self):
        goals = (Goal("p50_us", "<=", 3, own="quiet_us"), Goal("p50_us", "<=", 2, own="quiet_us"),
                 Goal("p50_us", "<=", 300), Goal("p50_us", "<=", 299))
        self.assertEqual(verdicts(*goals, of=rounds(1.0)), ["reached", "not reached"] * 2)

    def test_a_goal_says_what_it_is_compared_with(self):
        goals = (Goal("p50_us", "<=", 1.3, probes=("pack-append/1.p50_us", "sqlite-commit/1.p50_us")),
                 Goal("beside_p99_us", "<=", 5, own="quiet_p99_us"), Goal("start_ms", "<=", 200, unit="ms"),
                 Goal("put_cpu_us@1000", "<=", 2, own="put_cpu_us@10"))
        self.assertEqual([row["goal"] for row in report.judge(goals, [])], [
            "p50 ms <= 1.3 x pack-append x1 p50 ms + sqlite-commit x1 p50 ms", "beside p99 ms <= 5 x its quiet p99 ms",
            "start ms <= 200 ms", "put CPU us at 1k <= 2 x its put CPU us at 10"])

    def test_who_is_not_there_is_not_measured(self):
        goals = (Goal("rate", ">=", 1, peer="absent"), Goal("rate", ">=", 1, probes=("absent/1.rate",)),
                 Goal("absent", ">=", 1))
        self.assertEqual(verdicts(*goals, of=rounds(1.0)), ["not measured"] * 3)


class ComparedTest(unittest.TestCase):
    def test_coffers_figure_is_divided_by_the_other_servers(self):
        self.assertEqual(report.compared(rounds(50.0, 20.0), "rate", "other").median, 10)
        self.assertIsNone(report.compared(rounds(50.0), "rate", "absent"))


class MediansTest(unittest.TestCase):
    def test_each_metric_by_itself(self):
        found = report.medians(rounds(3.0, 1.0, 2.0), "coffer")
        self.assertEqual(found["rate"], 2.0)
        self.assertEqual(found["p50_us"], 300.0)


class DocumentTest(unittest.TestCase):
    RESULT = {
        "scenario": "x", "title": "An X", "columns": ["rate"], "date": "2026-01-02", "commit": "abc", "warm_up": 1,
        "seconds": 2, "machine": {"cores": 2, "memory_gib": 4, "file_system": "ext4", "kernel": "6"}, "rejected": 0,
        "left_out": {"other": "it fell over"}, "medians": {"coffer": {"rate": 1234.5}}, "probe_medians": {},
        "goals": [{"goal": "per s >= 1", "measured": [1.5, 1.4, 1.6], "verdict": "reached"}], "again": None,
        "rounds": [{"noise": "busy", "foreign": 0.5, "trials": {}}]}

    def test_results_stand_between_the_marks_and_nothing_else_changes(self):
        with tempfile.TemporaryDirectory() as directory:
            document = Path(directory, "performance.md")
            document.write_text(f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n")
            Path(directory, "x.json").write_text(report.json.dumps(self.RESULT))
            report.write_document(document, directory, ["absent", "x"])
            text = document.read_text()
            self.assertTrue(text.startswith(f"before\n{report.BEGIN}\n"))
            self.assertTrue(text.endswith(f"{report.END}\nafter\n"))
            self.assertNotIn("old", text)
            for part in ("1,234", "1.5 (1.4 to 1.6)", "reached", "it fell over", "1 of them on a busy machine", "abc",
                         "**The machine was busy**: 1 of 1 rounds"):
                self.assertIn(part, text)
            report.write_document(document, directory, ["x"])
            self.assertEqual(document.read_text(), text)

    def test_a_document_without_marks_is_left_alone(self):
        with tempfile.TemporaryDirectory() as directory:
            document = Path(directory, "performance.md")
            document.write_text("mine")
            Path(directory, "x.json").write_text(report.json.dumps(self.RESULT))
            with self.assertRaises(SystemExit):
                report.write_document(document, directory, ["x"])
            self.assertEqual(document.read_text(), "mine")


class TracingTest(unittest.TestCase):
    def test_a_call_counts_once_even_if_it_is_written_in_two_lines(self):
        found = tracing.count([
            "101 fdatasync(7)                      = 0",
            "102 fsync(8 <unfinished ...>",
            "101 openat(AT_FDCWD, \"x\", O_WRONLY|O_CREAT|O_DSYNC, 0600) = 9",
            "101 openat(AT_FDCWD, \"fsync\", O_RDONLY) = 9",
            "102 <... fsync resumed>)              = 0",
            "103 +++ exited with 0 +++"])
        self.assertEqual(found, {"syncs": 2, "sync_opens": 1})


if __name__ == "__main__":
    unittest.main()

"""What the harness computes from rounds."""

import random
import unittest

import stats


class EstimateTest(unittest.TestCase):
    def test_no_values_give_no_estimate(self):
        self.assertIsNone(stats.estimate([]))

    def test_one_round_is_its_own_interval(self):
        self.assertEqual(stats.estimate([3.0]), stats.Estimate(3.0, 3.0, 3.0, 1))

    def test_the_interval_holds_the_median_and_lies_within_the_rounds(self):
        found = stats.estimate([5, 1, 4, 2, 3])
        self.assertEqual(found.median, 3)
        self.assertTrue(1 <= found.low <= 3 <= found.high <= 5)

    def test_one_wild_round_moves_the_median_little(self):
        found = stats.estimate([10.0, 10.1, 9.9, 10.0, 10.2, 9.8, 10.0, 10.1, 500.0])
        self.assertLess(found.median, 10.2)
        self.assertLess(found.high, 10.3)

    def test_the_interval_holds_the_truth_in_about_19_of_20_experiments(self):
        source = random.Random(7)
        held = 0
        for _ in range(200):
            found = stats.estimate([source.gauss(1, 0.1) for _ in range(11)])
            held += found.low <= 1 <= found.high
        self.assertTrue(174 <= held <= 200, held)

    def test_more_rounds_narrow_it(self):
        source = random.Random(3)
        few = stats.estimate([source.gauss(1, 0.1) for _ in range(5)])
        many = stats.estimate([source.gauss(1, 0.1) for _ in range(100)])
        self.assertLess(many.high - many.low, few.high - few.low)


class RatiosTest(unittest.TestCase):
    def test_they_are_taken_within_a_round(self):
        # The machine is half as fast in the second round: the ratio stays.
        self.assertEqual(stats.ratios([20, 10], [4, 2]), [5, 5])

    def test_a_round_with_something_missing_counts_for_nothing(self):
        self.assertEqual(stats.ratios([20, None, 9, 8], [4, 2, None, 0]), [5])


class VerdictTest(unittest.TestCase):
    def test_the_bound_must_pass_not_the_median_alone(self):
        found = stats.Estimate(10.0, 9.0, 11.0, 5)
        self.assertEqual(stats.verdict(found, ">=", 9), "reached")
        self.assertEqual(stats.verdict(found, ">=", 10), "undecided")
        self.assertEqual(stats.verdict(found, ">=", 10.5), "not reached")
        self.assertEqual(stats.verdict(found, "<=", 11), "reached")
        self.assertEqual(stats.verdict(found, "<=", 10.5), "undecided")
        self.assertEqual(stats.verdict(found, "<=", 9), "not reached")
        self.assertEqual(stats.verdict(None, "<=", 9), "not measured")


if __name__ == "__main__":
    unittest.main()

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What bench.py computes and prints, without measuring anything."""
import contextlib
import io
import json
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import bench
import measurements
import report
import rows
from measure import NotAvailable, fit, median_of_pairs, run


def row(target):
    return rows.Row("some.row", "s", target, "a row", None)


class Measures(unittest.TestCase):
    def test_the_median_of_pairs_shrugs_off_one_disturbed_pair(self):
        first, second = iter([2.0, 90.0, 2.0, 4.0, 1.0]), iter([1.0, 1.0, 1.0, 2.0, 1.0])
        self.assertEqual(median_of_pairs(5, lambda: next(first), lambda: next(second)), 2.0)

    def test_a_line_is_found_with_its_slope_and_intercept(self):
        slope, intercept, r2 = fit([(x, 3 * x + 0.5) for x in (1, 2, 5, 9)])
        self.assertAlmostEqual(slope, 3)
        self.assertAlmostEqual(intercept, 0.5)
        self.assertAlmostEqual(r2, 1)

    def test_r_squared_is_what_the_line_explains(self):
        # Around y = x: residuals +1, -1, -1, +1 of values whose squared distance from their mean is 9.
        slope, intercept, r2 = fit([(0, 1), (1, 0), (2, 1), (3, 4)])
        self.assertAlmostEqual(slope, 1)
        self.assertAlmostEqual(intercept, 0)
        self.assertAlmostEqual(r2, 1 - 4 / 9)

    def test_a_child_reports_output_time_and_memory(self):
        result = run([sys.executable, "-c", "print('seen')"])
        self.assertEqual(result.output, "seen\n")
        self.assertGreater(result.wall, 0)
        self.assertGreater(result.peak_bytes, 1_000_000)

    def test_a_failing_child_gives_a_reason_and_no_number(self):
        with self.assertRaisesRegex(NotAvailable, "ended with 3: .*why"):
            run([sys.executable, "-c", "print('why'); raise SystemExit(3)"])

    def test_a_run_that_serves_two_rows_happens_once(self):
        calls = []
        shared = measurements.Bench(quick=True)
        for _ in range(2):
            self.assertEqual(shared.once("key", lambda: calls.append(1) or 7), 7)
        self.assertEqual(len(calls), 1)

    def test_what_programs_print_is_read(self):
        self.assertEqual(measurements.commands_of("summary\n  commands              22,616\n"), 22616)
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "result.json"
            path.write_text('{"instructions": 6774862}')
            self.assertEqual(measurements.instructions_of(path), 6774862)
        text = 'Running x\n{\n"benchmarks": [{"name": "bare/int16", "cpu_time": 2.0, "time_unit": "ms", "items_per_second": 5e9}]\n}\n'
        self.assertEqual(measurements.parse_kernels(text), {"bare/int16": {"rate": 5e9, "seconds": 0.002}})


class Targets(unittest.TestCase):
    def test_a_limit_is_met_up_to_itself(self):
        self.assertIs(row("<= 3").met(3), True)
        self.assertIs(row("<= 3").met(3.01), False)
        self.assertIs(row(">= 0.5").met(0.5), True)
        self.assertIs(row(">= 0.5").met(0.49), False)

    def test_without_target_or_value_nothing_is_judged(self):
        self.assertIsNone(row(None).met(1))
        self.assertIsNone(row("<= 3").met(None))

    def test_every_target_can_be_read_and_every_name_is_unique(self):
        every = rows.all_rows()
        for one in every:
            one.met(1.0)
        self.assertEqual(len({one.name for one in every}), len(every))

    def test_only_and_quick_choose_rows(self):
        every = rows.all_rows()
        self.assertEqual([one.name for one in rows.select(every, ["start.hello"], False)], ["start.hello", "start.hello_memory"])
        self.assertLess(len(rows.select(every, [], True)), len(every))
        with self.assertRaises(ValueError):
            rows.select(every, ["nothing"], False)


class Report(unittest.TestCase):
    def setUp(self):
        self.entries = [report.result(row("<= 3"), 4.0, ["program", "argument"]), report.result(row(">= 1"), None, [], "no such file")]

    def test_json_rows_have_their_fields(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "out" / "bench.json"
            report.write_json(path, self.entries, "./run bench", "a machine")
            written = json.loads(path.read_text())["rows"]
        self.assertEqual(written[0], {"name": "some.row", "value": 4.0, "unit": "s", "target": "<= 3", "met": False, "source": "program argument"})
        self.assertEqual((written[1]["value"], written[1]["met"], written[1]["reason"]), (None, None, "no such file"))

    def test_a_missed_target_is_named(self):
        self.assertEqual([entry["value"] for entry in report.missed(self.entries)], [4.0])
        self.assertIn("MISSED", report.table(self.entries)[1])
        self.assertIn("not available", report.table(self.entries)[2])

    def test_only_the_measured_part_of_the_page_changes(self):
        page = f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n"
        new = report.replaced(page, report.markdown(self.entries, [row(None)], "./run bench", "a machine"))
        self.assertTrue(new.startswith("before\n") and new.endswith("\nafter\n"))
        self.assertNotIn("old", new)
        self.assertIn("| `some.row` | a row | 4 s | <= 3 | MISSED |", new)
        with self.assertRaises(ValueError):
            report.replaced("no markers", "x")

    def test_the_page_has_a_place_for_measured_values(self):
        report.replaced((rows.ROOT / "docs/performance.md").read_text(), "x")


class CommandLine(unittest.TestCase):
    def call(self, *argv):
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            status = bench.main(list(argv))
        return status, out.getvalue(), err.getvalue()

    def test_list_names_rows_with_targets(self):
        status, out, _ = self.call("--list")
        self.assertEqual(status, 0)
        self.assertRegex(out, r"engine\.matmul_ratio +>= 0\.5 ")
        self.assertEqual(len(out.splitlines()), len(rows.all_rows()))

    def test_an_unknown_row_is_a_mistake_in_the_call(self):
        status, _, err = self.call("--only", "nothing", "--list")
        self.assertEqual(status, 2)
        self.assertIn("no row begins with 'nothing'", err)

    def test_strict_fails_on_a_missed_target_only(self):
        missing = rows.Row("a.row", "s", "<= 1", "slow", lambda _: (2.0, ["x"]))
        saved, saved_json = rows.all_rows, report.write_json
        rows.all_rows, report.write_json = lambda: [missing], lambda *_: None
        try:
            self.assertEqual(self.call("--only", "a", "--no-build", "--strict")[0], 1)
            self.assertEqual(self.call("--only", "a", "--no-build")[0], 0)
        finally:
            rows.all_rows, report.write_json = saved, saved_json


if __name__ == "__main__":
    unittest.main()

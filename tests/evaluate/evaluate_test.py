#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What evaluate.py computes, chooses and writes, without simulating anything."""
import contextlib
import csv
import io
import json
import pathlib
import sys
import tempfile
import unittest
from unittest import mock
from xml.etree import ElementTree

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "bench")]
import curves
import evaluate
import glyph_runs
import published_rows
import quality_rows
import report
import row as row_module
import svg_chart
import work
from glyph_runs import Judged, Samples
from measure import NotAvailable
from techniques import TECHNIQUES

HEADING = "step,layer,operator,name,command,unit,accel_cycles,macs,macs_marked,macs_exploited\n"
DENSE = HEADING + """,,1,copy,DMA_COPY,dma,99,0,0,0
0,,2,inp,MATMUL,matrix,50,1000,0,0
0,0,3,0.qkv,MATMUL,matrix,10,100,0,0
0,0,4,0.attention,ATTENTION,matrix,40,400,0,0
0,0,5,0.f1,MATMUL,matrix,20,200,0,0
0,0,6,0.gelu,GELU,vector,7,0,0,0
0,0,7,0.f2,MATMUL,matrix,30,300,0,0
"""
SPARSE = HEADING + """0,,2,inp,MATMUL,matrix,50,1000,0,0
0,0,3,0.qkv,MATMUL,matrix,5,50,0,0
0,0,4,0.attention,ATTENTION_MASKED,matrix,30,400,200,150
0,0,8,0.gelu.schedule,CONMERGE_BUILD,sparsity,5,0,0,0
0,0,9,0.gelu.mask,MASK_THRESHOLD,sparsity,3,0,0,0
0,0,5,0.f1,MATMUL_MASKED,matrix,10,200,150,100
0,0,7,0.f2,MATMUL_RESUME,matrix,15,300,100,0
"""

# The matrix engine has 4 cores.
WAITING = """step,layer,operator,name,command,unit,accel_cycles,busy,fill,macs,macs_marked,macs_exploited
0,0,3,0.qkv,MATMUL,matrix,10,36,4,100,0,0
0,0,8,0.gelu.schedule,CONMERGE_BUILD,sparsity,25,100,0,0,0,0
0,0,5,0.f1,MATMUL_MASKED,matrix,10,40,0,200,150,100
0,0,7,0.f2,MATMUL_RESUME,matrix,15,60,0,300,100,0
"""
STALL_ENTRIES = [{"name": "accelerator.matrix.stall." + reason, "value": value} for reason, value in {"schedule": 20, "sparsity": 8, "semaphore": 99}.items()]


def technique(name="st"):
    return next(entry for entry in TECHNIQUES if entry.name == name)


def sums(text):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "layers.csv"
        path.write_text(text)
        (path.parent / "statistics.json").write_text(json.dumps({"statistics": STALL_ENTRIES}))
        return work.read_layers(path)


def judged(psnr, lost=0, left=50):
    """A result whose blocks have `left` percent of their MACs left."""
    parts = ("blocks", "ffn", "attention")
    return Judged(len(psnr), tuple(map(float, psnr)), 31, 32, lost, 0, {part: work.Sums(100, 100 - left, 0, 80) for part in parts}, {part: work.Sums(100, 0, 0, 100) for part in parts}, 90.0, 70.0, ["vp", "run"])


class Work(unittest.TestCase):
    def test_only_products_in_layers_and_generators_count(self):
        dense, sparse = sums(DENSE), sums(SPARSE)
        self.assertEqual((dense["blocks"].macs, dense["blocks"].cycles), (1000, 100))
        self.assertEqual((dense["ffn"].macs, dense["ffn"].cycles), (500, 50))
        self.assertEqual((dense["attention"].macs, dense["attention"].cycles), (400, 40))
        self.assertEqual((sparse["ffn"].cycles, sparse["ffn"].built), (10 + 15, 5))
        self.assertEqual(sparse["blocks"].cycles, 5 + 30 + 10 + 15)

    def test_schedules_are_charged_where_the_matrix_engine_stands_still_for_them(self):
        ffn = sums(WAITING)["ffn"]
        self.assertEqual((ffn.cycles, ffn.waited, ffn.waited_masks, ffn.built), (10 + 15, 20 / 4, 8 / 4, 25))

    def test_groups_without_schedules_are_not_charged(self):
        self.assertEqual(sums(WAITING.replace("0.gelu.schedule", "0.attention.schedule"))["ffn"].waited, 0)

    def test_what_is_charged_only_makes_savings_smaller(self):
        dense, sparse = sums(DENSE), sums(WAITING)
        dense["ffn"].busy = 48
        shares = {charged: work.saved_share(sparse, dense, "ffn", charged) for charged in work.CHARGED}
        self.assertEqual(set(shares), {"exposed", "masks", "serial", "busy"})
        self.assertAlmostEqual(shares["busy"], 100 * (1 - (40 + 60) / 4 / 48) / 0.5)
        self.assertAlmostEqual(shares["exposed"], 100 * (1 - 30 / 50) / 0.5)
        self.assertAlmostEqual(shares["masks"], 100 * (1 - 32 / 50) / 0.5)
        self.assertAlmostEqual(shares["serial"], 100 * (1 - 50 / 50) / 0.5)

    def test_what_is_not_issued_is_not_left_either(self):
        dense, sparse = sums(DENSE), sums(SPARSE)
        # 1000 - 50 that qkv leaves out - 200 - 150 - 100
        self.assertEqual(work.shares(sparse, dense), {"blocks_left": 50.0, "ffn_marked": 50.0, "attention_marked": 50.0})

    def test_savings_are_cycles_over_marked_work(self):
        dense, sparse = sums(DENSE), sums(SPARSE)
        self.assertAlmostEqual(work.saved_share(sparse, dense, "ffn", "serial"), 100 * (1 - 30 / 50) / 0.5)
        self.assertAlmostEqual(work.saved_share(sparse, dense, "attention"), 100 * (1 - 30 / 40) / 0.5)
        self.assertEqual(work.exploited_share(sparse, "attention"), 75)
        self.assertIsNone(work.saved_share(dense, dense, "ffn"))
        self.assertIsNone(work.exploited_share(dense, "ffn"))

    def test_runs_add_up(self):
        once = sums(SPARSE)
        self.assertEqual(work.added([once, once])["attention"], work.Sums(800, 400, 300, 60))


class Targets(unittest.TestCase):
    def test_a_row_is_met_up_to_its_limit(self):
        for target, good, bad in (("<= 48", 48, 48.01), (">= 30", 30, 29.99), ("118.5 +- 0.5", 119, 119.01), ("118.5 +- 0.5", 118, 117.99)):
            entry = row_module.Row("a", "", target, "", None)
            self.assertIs(entry.met(good), True, target)
            self.assertIs(entry.met(bad), False, target)
            self.assertIsNone(entry.met(None))

    def test_names_are_unique_and_targets_can_be_read(self):
        every = evaluate.all_rows(160)
        for entry in every:
            entry.met(1.0)
        self.assertEqual(len({entry.name for entry in every}), len(every))

    def test_allowed_losses_shrink_with_the_samples(self):
        targets = {samples: {entry.name: entry.target for entry in evaluate.all_rows(samples)}["glyphs.st.lost"] for samples in (160, 40)}
        self.assertEqual(targets, {160: "<= 4", 40: "<= 1"})

    def test_committed_settings_are_points_of_their_technique(self):
        settings = json.loads(quality_rows.SETTINGS.read_text())
        self.assertEqual(set(settings), {entry.name for entry in TECHNIQUES})
        for entry in TECHNIQUES:
            self.assertIn(tuple(settings[entry.name][key] for key in entry.swept), entry.points)


class Tuning(unittest.TestCase):
    def test_the_least_work_of_sufficient_quality_is_chosen(self):
        candidates = [judged([40, 41], left=90), judged([31, 33], left=60), judged([30.4, 31.4], left=50), judged([33, 35], lost=2, left=40)]
        self.assertEqual(quality_rows.best(technique(), candidates), 2)

    def test_samples_that_differ_much_need_more_distance_from_the_target(self):
        # Standard deviation 4 x sqrt(16 / 15) of 16 samples: 4.131 / 4 = 1.033 dB above 30 are wanted.
        def spread(mean):
            return judged([mean - 4, mean + 4] * 8, left=50)

        self.assertAlmostEqual(quality_rows.margin(spread(31).psnr), 1.033, places=3)
        even = judged([33] * 16, left=60)
        self.assertEqual(quality_rows.best(technique(), [even, spread(31.04)]), 1)
        self.assertEqual(quality_rows.best(technique(), [even, spread(31.02)]), 0)

    def test_without_sufficient_quality_the_best_is(self):
        self.assertEqual(quality_rows.best(technique(), [judged([20, 21]), judged([25, 26]), judged([24, 25])]), 1)

    def test_a_full_run_keeps_what_it_chose(self):
        runs = mock.Mock()
        runs.judge.side_effect = lambda soc, settings, samples: [judged([31, 32], left=90 - i) for i in range(len(settings))]
        with tempfile.TemporaryDirectory() as folder, mock.patch.object(glyph_runs, "check"), mock.patch.object(quality_rows, "SETTINGS", pathlib.Path(folder) / "settings.json") as file:
            file.write_text('{"st": {"st.threshold": "0.1"}}')
            context = quality_rows.Context(runs, 160, tune=True)
            context.judged(technique())
            context.write_settings()
            self.assertEqual(json.loads(file.read_text()), {"st": {"st.threshold": "2"}})
        self.assertEqual([call.args[2] for call in runs.judge.call_args_list], [glyph_runs.TUNED_ON, glyph_runs.JUDGED_ON])
        self.assertEqual(runs.judge.call_args.args[1], [["workload.techniques.st.enabled=true", "workload.techniques.st.mask_every=5", "workload.techniques.st.threshold=2"]])

    def test_tuning_and_judging_share_no_noise(self):
        self.assertNotEqual(glyph_runs.TUNED_ON.seed, glyph_runs.JUDGED_ON.seed)

    def test_a_technique_that_the_build_lacks_is_a_reason(self):
        context = quality_rows.Context(mock.Mock(), 32, tune=False)
        with mock.patch.object(glyph_runs, "check", side_effect=NotAvailable("unknown key")), contextlib.redirect_stderr(io.StringIO()):
            entry = report.measured(quality_rows.quality_rows(technique("ep"), 32)[0], context)
        self.assertEqual((entry["value"], entry["met"], entry["reason"]), (None, None, "unknown key"))


class Runs(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.commands = []

    def runs(self, mark="one"):
        with mock.patch.object(glyph_runs, "fingerprint", return_value=mark):
            return glyph_runs.Runs(1, self.folder)

    def simulate(self, command, **_):
        self.commands.append(command)
        out = pathlib.Path(command[command.index("--out") + 1])
        out.mkdir(parents=True)
        count = int(next(word for word in command if word.startswith("workload.samples=")).split("=")[1])
        sparse = "--reference" in command
        samples = [{"psnr_mdb": 30000 + i} for i in range(count)]
        quality = {"recognised": count, "reference_recognised": count, "lost": 1, "gained": 0, "samples": samples} if sparse else {}
        (out / "result.json").write_text(json.dumps({"verdict": "passed", "simulated_time_ps": 50 if sparse else 100, "quality": quality}))
        (out / "statistics.json").write_text(json.dumps({"statistics": [{"name": "energy.total", "value": 30 if sparse else 40}, *STALL_ENTRIES]}))
        (out / "layers.csv").write_text(SPARSE if sparse else DENSE)
        return mock.Mock(returncode=0, stderr="")

    def judge(self, runs, samples):
        with mock.patch.object(glyph_runs.subprocess, "run", self.simulate), contextlib.redirect_stderr(io.StringIO()):
            return runs.judge("exion24", [["workload.x=1"]], samples)[0]

    def test_batches_are_judged_together_and_no_run_is_repeated(self):
        result = self.judge(self.runs(), Samples(2, 0, 40))
        self.assertEqual(len(self.commands), 4)
        self.assertIn("workload.first_sample=32", self.commands[1])
        self.assertIn("workload.samples=8", self.commands[1])
        self.assertEqual((result.samples, result.lost, result.recognised), (40, 2, 40))
        self.assertAlmostEqual(result.mean_psnr, (32 * 30.0155 + 8 * 30.0035) / 40)
        self.assertEqual((result.time_share, result.energy_share), (50, 75))
        self.assertEqual(result.sparse["ffn"].macs, 1000)
        self.judge(self.runs(), Samples(2, 0, 40))
        self.assertEqual(len(self.commands), 4)

    def test_another_build_measures_anew(self):
        self.judge(self.runs(), Samples(2, 0, 8))
        self.judge(self.runs("two"), Samples(2, 0, 8))
        self.assertEqual(len(self.commands), 4)
        self.assertEqual([path.name for path in self.folder.iterdir()], ["two"])

    def test_a_failing_run_gives_its_last_words(self):
        failed = mock.Mock(returncode=2, stderr="one\ntwo\n")
        with mock.patch.object(glyph_runs.subprocess, "run", return_value=failed), contextlib.redirect_stderr(io.StringIO()):
            with self.assertRaisesRegex(NotAvailable, "ended with 2: two"):
                self.runs().judge("exion24", [["workload.x=1"]], Samples(2, 0, 8))


class Published(unittest.TestCase):
    TEXT = "  per call        23,306,752  MACs of one\noperators:\n  once    NOISE    0   0   1  noise  [1]\n  step    MATMUL   300  5   6   0.self.qkv  [2]\n  step    MATMUL   600   5   6  0.ffn.f1  [2]\n"

    def test_what_describe_prints_is_read(self):
        self.assertEqual(published_rows.operators(self.TEXT), [("noise", 0), ("0.self.qkv", 300), ("0.ffn.f1", 600)])
        self.assertAlmostEqual(published_rows.per_call(self.TEXT), 0.023306752)
        self.assertAlmostEqual(published_rows.macs_share(r"\.ffn\.", ".")(self.TEXT), 200 / 3)


class Curves(unittest.TestCase):
    def setUp(self):
        self.settings = curves.points(technique())
        self.lines = [curves.columns(technique(), judged([40 - i, 30 - i], left=90 - i), {soc: judged([1]) for soc in curves.SOCS}) for i in range(len(self.settings))]

    def test_the_table_has_a_line_per_threshold(self):
        rows = list(csv.DictReader(io.StringIO(curves.table(technique(), self.settings, self.lines))))
        self.assertEqual([entry["st.threshold"] for entry in rows], [point[0] for point in technique().points])
        self.assertEqual(rows[1]["psnr_mean_db"], "34.00")
        self.assertEqual(rows[1]["psnr_lowest_db"], "29.00")
        self.assertEqual(rows[1]["blocks_left_percent"], "89.00")
        self.assertEqual(rows[0]["disc_attention_cycles_percent"], "80.00")

    def test_other_swept_keys_stay_as_committed(self):
        settings = curves.points(technique("ctr_st"))
        self.assertEqual(len({point[0] for point in settings}), len(settings))
        self.assertEqual(len({point[1:] for point in settings}), 1)

    def test_a_soc_that_refuses_the_technique_is_left_out(self):
        def judge(soc, sets, samples):
            if soc == "disc":
                raise curves.NotAvailable("no prediction engine")
            return [judged([1]) for _ in sets]
        runs = mock.Mock()
        runs.judge.side_effect = judge
        with mock.patch("sys.stderr", io.StringIO()) as told:
            found = curves.cycles_by_soc(runs, [[]])
        self.assertEqual(list(found), ["exion24", "dixion"])
        self.assertIn("left out: disc: no prediction engine", told.getvalue())
        lines = [curves.columns(technique(), judged([30]), {soc: each[0] for soc, each in found.items()}) for _ in self.settings]
        drawn = curves.picture(technique(), self.settings, lines)
        self.assertIn("dixion", drawn)
        self.assertNotIn("disc", drawn)

    def test_the_picture_is_svg_with_every_point_in_its_panel(self):
        root = ElementTree.fromstring(curves.picture(technique(), self.settings, self.lines))
        space = "{http://www.w3.org/2000/svg}"
        circles = root.findall(space + "circle")
        self.assertEqual(len(circles), len(self.settings) * (2 + 2 + 3 + 3))
        for circle in circles:
            self.assertTrue(svg_chart.TOP <= float(circle.get("cy")) <= svg_chart.HEIGHT - svg_chart.BOTTOM)

    def test_the_page_shows_the_curves_that_were_drawn(self):
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            self.assertEqual(curves.block(folder), f"{curves.BEGIN}\n{curves.END}")
            for name in ("st", "ctr_st"):
                settings = curves.points(technique(name))
                lines = [curves.columns(technique(name), judged([30, 28.5], left=47.6), {soc: judged([1]) for soc in ("exion24", "disc")}) for _ in settings]
                (folder / f"{name}.csv").write_text(curves.table(technique(name), settings, lines))
            text = curves.block(folder)
        self.assertIn("![ctr.share against quality, work and cycles](plots/ctr_st.svg)", text)
        self.assertIn("| ctr.share | dB | recognised | left | `exion24` | `disc` |", text)
        self.assertRegex(text, r"\| 0\.3 \| 29\.2 \(28\.5\) \| \d+ of 2 \| 48 % \| \d+ %, \d+ % \| \d+ %, \d+ % \|")
        self.assertLess(text.index("](plots/st.svg)"), text.index("](plots/ctr_st.svg)"))
        self.assertNotIn("plots/ep.svg", text)
        self.assertEqual(curves.replaced(f"a {curves.BEGIN} old {curves.END} b", text), f"a {text} b")
        with self.assertRaises(ValueError):
            curves.replaced("a page", text)

    def test_trials_leave_page_and_plots_alone(self):
        judge = mock.Mock(side_effect=lambda soc, sets, samples: [judged([30]) for _ in sets])
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            with mock.patch.multiple(curves, TRIALS=folder / "trials", PLOTS=folder / "plots", PAGE=folder / "page"), mock.patch.object(curves.glyph_runs, "check"):
                (folder / "page").write_text(f"{curves.BEGIN}{curves.END}")
                self.assertEqual([path.parent.name for path in curves.draw(mock.Mock(judge=judge), technique("ctr_st"), 2)], ["trials", "trials"])
                self.assertEqual({call.args[2].count for call in judge.call_args_list}, {2})
                self.assertFalse((folder / "plots").exists())
                curves.draw(mock.Mock(judge=judge), technique("ctr_st"))
                self.assertIn("plots/ctr_st.svg", (folder / "page").read_text())
                self.assertTrue((folder / "plots/ctr_st.svg").exists())

    def test_ticks_are_round_and_inside(self):
        self.assertEqual(svg_chart.ticks(0, 104), [0, 50, 100])
        self.assertEqual(svg_chart.ticks(19.2, 53), [20, 30, 40, 50])
        self.assertEqual(svg_chart.ticks(0.2, 0.9), [0.2, 0.4, 0.6, 0.8])

    def test_unknown_techniques_are_refused(self):
        with self.assertRaises(ValueError):
            curves.select("st,magic")
        self.assertEqual([entry.name for entry in curves.select("st")], ["st"])
        self.assertEqual(curves.select(None), [])


class CommandLine(unittest.TestCase):
    def call(self, *argv):
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            status = evaluate.main(list(argv))
        return status, out.getvalue(), err.getvalue()

    def test_list_names_rows_with_targets(self):
        status, out, _ = self.call("--list", "--only", "glyphs.st")
        self.assertEqual(status, 0)
        self.assertRegex(out, r"glyphs\.st\.psnr +dB +>= 30 ")
        self.assertIn("of 160", out)
        self.assertIn("of 32", self.call("--list", "--quick")[1])

    def test_mistakes_in_the_call_are_told(self):
        self.assertEqual(self.call("--only", "nothing", "--list")[0], 2)
        self.assertIn("no technique is called 'magic'", self.call("--curves", "magic")[2])
        with self.assertRaises(SystemExit), contextlib.redirect_stderr(io.StringIO()):
            evaluate.main(["--samples", "161"])

    def test_strict_fails_on_a_missed_target_only(self):
        missing = row_module.Row("a.row", "%", ">= 30", "little", lambda _: (2.0, ["x"]))
        with mock.patch.object(evaluate, "all_rows", lambda _: [missing]), mock.patch.object(report, "write_json"), mock.patch.object(evaluate, "Runs"):
            self.assertEqual(self.call("--only", "a", "--no-build", "--quick", "--strict")[0], 1)
            self.assertEqual(self.call("--only", "a", "--no-build", "--quick")[0], 0)

    def test_the_page_has_a_place_for_measured_values(self):
        report.replaced(evaluate.PAGE.read_text(), "x")


if __name__ == "__main__":
    unittest.main()

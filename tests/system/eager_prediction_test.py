# SPDX-License-Identifier: Apache-2.0
"""Eager prediction on the glyphs network: the picture of the reference, sparsity, how near the dense run, overlap."""

import array
import math
import os
import subprocess
import unittest

from platform_run import PlatformTest, read

WORKLOAD = os.path.join(os.environ["DIXION_SOURCE_DIR"], "traces", "workloads", "glyphs.textproto")
RUN = ["workload.steps=4", "workload.classes=3"]
CONMERGE = ["workload.techniques.ep.conmerge=true"]
PEAK = 2.0  # pictures are from -1 to 1


def ep(keep, dominance=0):
    key = "workload.techniques.ep."
    return [key + "enabled=true", f"{key}keep={keep}", f"{key}dominance={dominance}"]


def pixels(path):
    """Q16 numbers of an output file."""
    values = array.array("i")
    values.frombytes(read(path))
    return [value / 65536 for value in values]


def psnr(a, b):
    """In dB, limited to the picture's range as a viewer would."""
    error = sum((min(1, max(-1, x)) - min(1, max(-1, y))) ** 2 for x, y in zip(a, b)) / len(a)
    return math.inf if error == 0 else 10 * math.log10(PEAK**2 / error)


class EagerPrediction(PlatformTest):
    def run_glyphs(self, out, settings, *arguments):
        sets = [word for setting in RUN + settings for word in ("--set", setting)]
        result = self.run_vp("run", "--workload", "glyphs", *sets, "--out", out, *arguments)
        self.assertEqual(result.status, 0, result.err)

    def sum_of(self, out, command, column):
        return sum(int(row[column]) for row in self.rows(out, "layers.csv") if row["command"] == command)

    def sparsity(self, out):
        return 1 - self.sum_of(out, "PREDICT", "mask_kept") / self.sum_of(out, "PREDICT", "mask_elements")

    def rows_skipped(self, out):
        return 1 - self.sum_of(out, "MATMUL_ROWS", "mask_kept") / self.sum_of(out, "MATMUL_ROWS", "mask_elements")

    def quality(self, out):
        return psnr(pixels(self.path(out, "output.bin")), pixels(self.path("dense", "output.bin")))

    def test_picture_and_books(self):
        settings = ep(0.4, 3)
        self.run_glyphs("sparse", settings)
        subprocess.run([os.environ["DIXION_REFERENCE_RUN"], WORKLOAD, self.path("reference.bin"), *RUN, *settings],
                       check=True)
        self.assertEqual(read(self.path("sparse", "output.bin")), read(self.path("reference.bin")))
        elements = 4 * 4 * 2 * 4 * 256 * 256  # steps, layers, branches, heads
        for command in ("PREDICT", "ATTENTION_MASKED"):
            self.assertEqual(self.sum_of("sparse", command, "mask_elements"), elements)
        kept = self.sum_of("sparse", "PREDICT", "mask_kept")
        self.assertEqual(self.sum_of("sparse", "ATTENTION_MASKED", "mask_kept"), kept)
        self.assertEqual(self.sum_of("sparse", "ATTENTION_MASKED", "macs_marked"), 2 * 32 * (elements - kept))
        self.assertEqual(self.sum_of("sparse", "MATMUL_ROWS", "mask_elements"), 4 * 4 * 2 * 12 * 256)
        self.assertGreater(self.rows_skipped("sparse"), 0)

    def test_keeping_everything_gives_the_dense_picture(self):
        self.run_glyphs("dense", [])
        self.run_glyphs("all", ep(1))
        self.assertEqual(read(self.path("all", "output.bin")), read(self.path("dense", "output.bin")))
        self.assertEqual(self.sparsity("all"), 0)
        self.assertEqual(self.rows_skipped("all"), 0)

    def test_sparsity_reaches_from_20_to_95_percent(self):
        self.run_glyphs("dense", [])
        before = -1
        for out, settings in (("most", ep(0.8)), ("half", ep(0.4)), ("few", ep(0.05))):
            self.run_glyphs(out, settings)
            sparsity = self.sparsity(out)
            print(f"{settings[1]}: attention sparsity {sparsity:.3f}, rows skipped {self.rows_skipped(out):.3f}, "
                  f"{self.quality(out):.1f} dB against the dense run")
            self.assertGreater(sparsity, before)
            before = sparsity
        self.assertLessEqual(self.sparsity("most"), 0.2)
        self.assertGreaterEqual(self.sparsity("few"), 0.949)
        # Half of the scores left out at a quality the eye forgives.
        self.assertGreaterEqual(self.sparsity("half"), 0.5)
        self.assertGreater(self.quality("half"), 26)

    def test_dominance_skips_rows_of_queries(self):
        self.run_glyphs("loose", ep(0.5, 0.5))
        self.run_glyphs("tight", ep(0.5, 0.1))
        self.assertGreater(self.sparsity("tight"), self.sparsity("loose") + 0.1)
        self.assertGreater(self.rows_skipped("tight"), 0.1)
        self.assertLess(self.rows_skipped("loose"), 0.05)

    def test_prediction_overlaps_the_products_of_the_other_branch(self):
        self.run_glyphs("sparse", ep(0.4), "--soc", "exion4")
        statistics = self.statistics("sparse")
        waited = statistics["accelerator.matrix.stall.prediction"]["value"]
        predicting = statistics["accelerator.prediction.busy"]["value"]
        self.assertGreater(waited, 0)  # nothing hides the first branch's
        self.assertLess(waited, predicting)

    def test_schedules_of_scores_give_the_same_picture(self):
        plain = ep(0.4, 3)
        self.run_glyphs("plain", plain, "--soc", "exion24")
        for out, settings in (("merged", CONMERGE), ("patches", CONMERGE + ["workload.techniques.ep.tile_width=16"])):
            self.run_glyphs(out, plain + settings, "--soc", "exion24", "--check", "schedules")
            self.assertEqual(read(self.path(out, "output.bin")), read(self.path("plain", "output.bin")))
            for column in ("mask_kept", "macs_marked"):
                self.assertEqual(self.sum_of(out, "ATTENTION_MASKED", column), self.sum_of("plain", "ATTENTION_MASKED", column))
            blocks = 4 * 4 * 2 * 4 * 16 * 16  # steps, layers, branches, heads, tiles, blocks
            self.assertEqual(self.sum_of(out, "ATTENTION_MASKED", "blocks_before"), blocks)
            for column in ("blocks_condensed", "blocks_merged", "block_outputs", "block_units"):
                self.assertEqual(self.sum_of(out, "ATTENTION_MASKED", column), self.sum_of(out, "CONMERGE_BUILD", column))
            merged = self.sum_of(out, "ATTENTION_MASKED", "blocks_merged")
            self.assertLess(merged, self.sum_of(out, "ATTENTION_MASKED", "blocks_condensed"))
            self.assertEqual(self.sum_of(out, "ATTENTION_MASKED", "block_units"), 256 * merged)
            self.assertLess(self.sum_of(out, "ATTENTION_MASKED", "busy"), self.sum_of("plain", "ATTENTION_MASKED", "busy"))
            self.assertGreater(self.statistics(out)["accelerator.matrix.stall.schedule"]["value"], 0)

    def test_schedules_are_built_for_listed_tokens_too(self):
        reuse = ["workload.techniques.ctr.enabled=true", "workload.techniques.ctr.share=0.3",
                 "workload.techniques.ctr.first_steps=2", "workload.techniques.ctr.refresh_every=0",
                 "workload.techniques.ffn_reuse.enabled=true", "workload.techniques.ffn_reuse.threshold=0.3",
                 "workload.techniques.ffn_reuse.conmerge=true", "workload.techniques.ep.tile_width=16"]
        settings = ep(0.4) + CONMERGE + reuse
        self.run_glyphs("out", settings, "--soc", "exion24", "--check", "schedules")
        subprocess.run([os.environ["DIXION_REFERENCE_RUN"], WORKLOAD, self.path("reference.bin"), *RUN, *settings],
                       check=True)
        self.assertEqual(read(self.path("out", "output.bin")), read(self.path("reference.bin")))
        scores = [row for row in self.rows("out", "layers.csv")
                  if row["command"] == "CONMERGE_BUILD" and ".attention.schedule" in row["name"]]
        self.assertEqual({row["step"] for row in scores}, {"0", "1", "2", "3"})
        listed = [row for row in scores if row["active_tokens"] != "0"]
        self.assertEqual({row["step"] for row in listed}, {"2", "3"})

    def test_schedules_want_an_array_of_16_x_16(self):
        sets = [word for setting in RUN + ep(0.5) + CONMERGE + ["soc.accelerator.array.columns=8"] for word in ("--set", setting)]
        for command in ("run", "check"):
            result = self.run_vp(command, "--workload", "glyphs", "--soc", "exion24", *sets)
            self.assertEqual(result.status, 2, result.err)
            self.assertIn("workload.techniques.ep.conmerge: needs an array of 16 x 16", result.err)
            self.assertIn("16 x 8", result.err)

    def test_accelerators_without_the_engine_are_refused_up_front(self):
        sets = [word for setting in RUN + ep(0.5) for word in ("--set", setting)]
        for command in ("run", "check"):
            result = self.run_vp(command, "--workload", "glyphs", "--soc", "disc", *sets)
            self.assertEqual(result.status, 2, result.err)
            self.assertIn("workload.techniques.ep.enabled", result.err)
            self.assertIn("no prediction engine", result.err)

    def test_timing_mode_runs_the_same_commands(self):
        self.run_glyphs("sparse", ep(0.4))
        self.run_glyphs("timed", ep(0.4), "--mode", "timing")
        for command in ("PREDICT", "MATMUL_ROWS", "ATTENTION_MASKED"):
            self.assertEqual(self.sum_of("timed", command, "commands"), self.sum_of("sparse", command, "commands"))
        self.assertEqual(self.sum_of("timed", "PREDICT", "busy"), self.sum_of("sparse", "PREDICT", "busy"))

    def test_timing_mode_makes_schedules_up(self):
        self.run_glyphs("timed", ep(0.4) + CONMERGE, "--soc", "exion24", "--mode", "timing")
        for column in ("blocks_condensed", "blocks_merged", "block_outputs", "block_units"):
            self.assertEqual(self.sum_of("timed", "ATTENTION_MASKED", column), self.sum_of("timed", "CONMERGE_BUILD", column))
        self.assertGreater(self.sum_of("timed", "ATTENTION_MASKED", "blocks_merged"), 0)


if __name__ == "__main__":
    unittest.main()

# SPDX-License-Identifier: Apache-2.0
"""FFN-Reuse on the glyphs network: the picture of the reference with and without ConMerge, densities, how near the dense
run; on networks of EXION's paper the published shares of skipped work."""

import array
import functools
import math
import operator
import os
import struct
import subprocess
import unittest

from platform_run import PlatformTest, read

WORKLOAD = os.path.join(os.environ["DIXION_SOURCE_DIR"], "traces", "workloads", "glyphs.textproto")
RUN = ["workload.steps=6", "workload.classes=3"]
FFN = ["workload.techniques.ffn_reuse.enabled=true", "workload.techniques.ffn_reuse.dense_every=3"]
CONMERGE = ["workload.techniques.ffn_reuse.conmerge=true", "workload.techniques.ffn_reuse.tile_width=16"]
PRODUCTS = ("MATMUL_MASKED", "MATMUL_PARTIAL", "MATMUL_RESUME")
HIDDEN, WIDTH, ROWS = 512, 128, 2 * 256
PEAK = 2.0  # pictures are from -1 to 1


def threshold(value):
    return [f"workload.techniques.ffn_reuse.threshold={value}"]


def pixels(path):
    """Q16 numbers of an output file."""
    values = array.array("i")
    values.frombytes(read(path))
    return [value / 65536 for value in values]


def psnr(a, b):
    """In dB, limited to the picture's range as a viewer would."""
    error = sum((min(1, max(-1, x)) - min(1, max(-1, y))) ** 2 for x, y in zip(a, b)) / len(a)
    return math.inf if error == 0 else 10 * math.log10(PEAK**2 / error)


def ffn_rows(rows):
    """Rows of the products of feed-forward networks."""
    return [row for row in rows
            if row["command"] in PRODUCTS or row["command"] == "MATMUL" and row["name"].endswith("f1")]


def skipped(rows):
    """Share of the products of feed-forward networks that masks mark as unnecessary."""
    return sum(int(row["macs_marked"]) for row in rows) / sum(int(row["macs"]) for row in rows)


def needed_columns(path):
    """Columns that one of the 16 tokens of its tile of 4 x 4 needs, over all tiles, by step and layer of the mask (docs/mask_files.md)."""
    data = read(path)
    name, text, _, count = struct.unpack_from("<12xIIIQ", data)
    place, needed = 32 + name + text, {}
    order = sorted(range(256), key=lambda token: (token // 64, token % 16 // 4, token // 16 % 4, token % 4))
    for _ in range(count):
        tag, groups, rows, columns = struct.unpack_from("<8xI4xQQI", data, place)
        width = (columns + 31) // 32 * 4
        bits = [int.from_bytes(data[place + 40 + row * width:place + 40 + (row + 1) * width], "little") for row in range(groups * rows)]
        place += 40 + groups * rows * width
        tiles = [[bits[group * rows + token] for token in order[first:first + 16]] for group in range(groups) for first in range(0, rows, 16)]
        needed[tag >> 22, str(tag >> 14 & 255)] = sum(functools.reduce(operator.or_, tile).bit_count() for tile in tiles)
    return needed


class FfnReuse(PlatformTest):
    def run_glyphs(self, out, settings, *arguments):
        sets = [word for setting in RUN + settings for word in ("--set", setting)]
        result = self.run_vp("run", "--workload", "glyphs", *sets, "--out", out, *arguments)
        self.assertEqual(result.status, 0, result.err)

    def picture(self, out):
        return read(self.path(out, "output.bin"))

    def by_command(self, out):
        rows = {}
        for row in self.rows(out, "layers.csv"):
            rows.setdefault(row["command"], []).append(row)
        return rows

    def test_picture_is_that_of_the_reference_with_and_without_conmerge(self):
        settings = FFN + threshold(0.2)
        subprocess.run([os.environ["DIXION_REFERENCE_RUN"], WORKLOAD, self.path("reference.bin"), *RUN, *settings],
                       check=True)
        self.run_glyphs("plain", settings)
        self.assertEqual(self.picture("plain"), read(self.path("reference.bin")))
        self.run_glyphs("merged", settings + CONMERGE, "--soc", "exion24", "--check", "schedules")
        self.assertEqual(self.picture("merged"), read(self.path("reference.bin")))
        self.run_glyphs("dense", [])
        quality = psnr(pixels(self.path("plain", "output.bin")), pixels(self.path("dense", "output.bin")))
        print(f"threshold 0.2: {quality:.1f} dB against the dense run")
        self.assertGreater(quality, 25)
        self.assertLess(quality, math.inf)

    def test_together_with_softmax_thresholding(self):
        settings = FFN + threshold(0.2) + CONMERGE[:1] + [
            "workload.techniques.st.enabled=true", "workload.techniques.st.mask_every=2",
            "workload.techniques.st.threshold=0.5"]
        subprocess.run([os.environ["DIXION_REFERENCE_RUN"], WORKLOAD, self.path("reference.bin"), *RUN, *settings],
                       check=True)
        self.run_glyphs("both", settings, "--soc", "dixion")
        self.assertEqual(self.picture("both"), read(self.path("reference.bin")))
        kinds = {(row["step"], row["command"]) for row in self.rows("both", "layers.csv")}
        for step, commands in (("0", ("ATTENTION_MARK", "MATMUL_PARTIAL")), ("2", ("ATTENTION_MARK", "MATMUL_RESUME")),
                               ("3", ("ATTENTION_MASKED", "MATMUL_PARTIAL"))):
            for command in commands:
                self.assertIn((step, command), kinds)

    def test_sparse_steps_do_what_the_dense_step_before_marked(self):
        self.run_glyphs("out", FFN + threshold(0.2) + CONMERGE)
        rows = self.by_command("out")
        marks = {(int(row["step"]), row["layer"]): row for row in rows["MASK_THRESHOLD"]}
        self.assertEqual(sorted({step for step, _ in marks}), [0, 3])
        self.assertEqual(len(rows["CONMERGE_BUILD"]), len(marks))
        for command, other in (("MATMUL_MASKED", WIDTH), ("MATMUL_RESUME", WIDTH)):
            self.assertEqual(len(rows[command]), 4 * 4)
            for row in rows[command]:
                mark = marks[int(row["step"]) // 3 * 3, row["layer"]]
                self.assertEqual(row["mask_elements"], str(ROWS * HIDDEN))
                self.assertEqual(row["mask_kept"], mark["mask_kept"])
                self.assertGreater(int(row["mask_kept"]), 0)
                self.assertEqual(int(row["macs"]), ROWS * HIDDEN * WIDTH)
                self.assertEqual(int(row["macs_marked"]), (ROWS * HIDDEN - int(row["mask_kept"])) * other)
                self.assertLessEqual(int(row["macs_exploited"]), int(row["macs_marked"]))
        builds = {(int(row["step"]), row["layer"]): row for row in rows["CONMERGE_BUILD"]}
        for row in rows["MATMUL_MASKED"]:
            build = builds[int(row["step"]) // 3 * 3, row["layer"]]
            for column in ("blocks_before", "blocks_condensed", "blocks_merged", "block_outputs", "block_units"):
                self.assertEqual(row[column], build[column], column)
            before, condensed, merged = (int(row["blocks_" + what]) for what in ("before", "condensed", "merged"))
            self.assertEqual(before, ROWS // 16 * HIDDEN // 16)
            self.assertLessEqual(condensed, before)
            self.assertLess(merged, condensed)
            self.assertGreaterEqual(3 * merged, condensed)
            self.assertEqual(int(row["block_units"]), 256 * merged)
        values = self.values("out")
        for unit, command in (("matrix", "MATMUL_MASKED"), ("sparsity", "CONMERGE_BUILD")):
            self.assertEqual(values[f"accelerator.{unit}.blocks_merged"],
                             sum(int(row["blocks_merged"]) for row in rows[command]))

    def test_sparse_steps_move_the_columns_that_their_tiles_need(self):
        settings = FFN + threshold(0.4) + CONMERGE
        self.run_glyphs("columns", settings, "--record-masks", self.path("masks"))
        self.run_glyphs("rows", settings + ["workload.techniques.ffn_reuse.hidden_rows=true"])
        self.assertEqual(self.picture("columns"), self.picture("rows"))
        needed = needed_columns(self.path("masks"))

        def moved(out, command):
            return {(int(row["step"]), row["layer"]): sum(int(row[f"{memory}_{way}_bytes"]) for memory in ("dram", "buffer")
                                                          for way in ("read", "write"))
                    for row in self.by_command(out)[command] if int(row["step"]) % 3 != 0}
        all_bytes, mask_bytes, column = 2 * ROWS * HIDDEN, ROWS * HIDDEN // 8, 16 * 2
        for command, tensors, masks in (("MATMUL_MASKED", 1, 0), ("GELU", 2, 1), ("MATMUL_RESUME", 1, 0)):
            columns, rows = moved("columns", command), moved("rows", command)
            self.assertEqual(len(columns), 4 * 4)
            for (step, layer), size in columns.items():
                less = tensors * (all_bytes - column * needed[step // 3 * 3, layer]) - masks * mask_bytes
                self.assertEqual(size, rows[step, layer] - less, (command, step, layer))
                self.assertGreater(less, 0)

    def test_marking_everything_and_dense_steps_only_give_the_dense_picture(self):
        self.run_glyphs("dense", [])
        self.run_glyphs("all", FFN + threshold(0) + CONMERGE)
        self.assertEqual(self.picture("all"), self.picture("dense"))
        self.run_glyphs("every", [FFN[0], "workload.techniques.ffn_reuse.dense_every=1"] + threshold(0.5))
        self.assertEqual(self.picture("every"), self.picture("dense"))

    def test_higher_thresholds_skip_more_and_differ_more(self):
        self.run_glyphs("dense", [])
        before = (-1, math.inf)
        for value in (0.05, 0.2, 0.8):
            out = f"out{value}"
            self.run_glyphs(out, FFN + threshold(value))
            share = skipped(ffn_rows(self.rows(out, "layers.csv")))
            quality = psnr(pixels(self.path(out, "output.bin")), pixels(self.path("dense", "output.bin")))
            print(f"threshold {value}: {share:.3f} skipped, {quality:.1f} dB against the dense run")
            self.assertGreater(share, before[0])
            self.assertLess(quality, before[1])
            before = (share, quality)

    def test_skipped_share_is_sparsity_times_sparse_steps_and_meets_the_published_ends(self):
        # EXION (HPCA 2025): 52.47 to 85.41 % of FFN operations are skipped, sparsities 70 to 97 %.
        for network, sparsity, reuse, steps, published in (("mld", 0.97, 8, 50, 0.8541), ("mdm", 0.70, 3, 100, 0.5247)):
            settings = [f"workload.steps={steps}", FFN[0], f"workload.techniques.ffn_reuse.dense_every={reuse + 1}",
                        "workload.techniques.ffn_reuse.threshold=0.1",
                        f"soc.accelerator.mask_source.ffn_density_permille={round(1000 - 1000 * sparsity)}"]
            result = self.run_vp("run", "--workload", network, "--mode", "timing", "--out", network,
                                 *[word for setting in settings for word in ("--set", setting)])
            self.assertEqual(result.status, 0, result.err)
            share = skipped(ffn_rows(self.rows(network, "layers.csv")))
            sparse_steps = sum(step % (reuse + 1) != 0 for step in range(steps))
            print(f"{network}: {100 * share:.2f} % skipped, s x sparse / T = {100 * sparsity * sparse_steps / steps:.2f} %")
            self.assertAlmostEqual(share, sparsity * sparse_steps / steps, delta=0.003)
            self.assertAlmostEqual(share, published, delta=0.005)

    def test_waits_for_schedules_are_what_the_generator_adds_to_the_run(self):
        settings = FFN + threshold(0.4) + CONMERGE + ["soc.accelerator.cores=4"]
        # Without a generator's cycles nothing but traffic of records is left.
        free = ["soc.accelerator.conmerge.columns_per_cycle=65536", "soc.accelerator.conmerge.candidate_cycles=0"]
        self.run_glyphs("free", settings + free, "--soc", "exion24")
        without = self.values("free")
        # A wait counts for the schedule even if something else is not there either: no less than what is added.
        for cycles, least in ((16, 0.97), (100, 0.75)):
            out = f"slow{cycles}"
            self.run_glyphs(out, settings + [f"soc.accelerator.conmerge.candidate_cycles={cycles}"], "--soc", "exion24")
            values = self.values(out)
            waited = values["accelerator.matrix.stall.schedule"] - without["accelerator.matrix.stall.schedule"]
            added = 4 * (self.cycles_of(out) - self.cycles_of("free"))  # on 4 cores
            print(f"{cycles} cycles per candidate: waited {waited}, added {added} lane-cycles")
            self.assertGreater(values["accelerator.sparsity.busy"], without["accelerator.sparsity.busy"])
            self.assertGreater(added, 0)
            self.assertLessEqual(added, waited)
            self.assertGreaterEqual(added, least * waited)

    def cycles_of(self, out):
        return sum(int(row["accel_cycles"]) for row in self.rows(out, "layers.csv") if row["command"] == "CALL")

    def test_bad_settings_are_told(self):
        result = self.run_vp("run", "--workload", "glyphs", "--set", FFN[0],
                             "--set", "workload.techniques.ffn_reuse.tile_width=7")
        self.assert_user_error(result, "operator '0.f1'", "workload.techniques.ffn_reuse.tile_width = 7")
        result = self.run_vp("run", "--workload", "glyphs", "--set", "soc.accelerator.conmerge.rule=gready")
        self.assert_user_error(result, "soc.accelerator.conmerge.rule", "greedy, first_fit")
        result = self.run_vp("run", "--workload", "glyphs", "--soc", "disc", "--set", FFN[0],
                             "--set", "workload.techniques.ffn_reuse.conmerge=true")
        self.assert_user_error(result, "workload.techniques.ffn_reuse.conmerge", "an array of 16 x 16")


if __name__ == "__main__":
    unittest.main()

# SPDX-License-Identifier: Apache-2.0
"""Cached token reuse on the glyphs network: the picture of the reference, tokens per step, how near the dense run."""

import math
import os
import subprocess
import unittest

from picture_difference import pixels, psnr
from platform_run import PlatformTest, read

WORKLOAD = os.path.join(os.environ["DIXION_SOURCE_DIR"], "traces", "workloads", "glyphs.textproto")
RUN = ["workload.steps=8", "workload.classes=3"]
CTR = ["workload.techniques.ctr.enabled=true", "workload.techniques.ctr.first_steps=2",
       "workload.techniques.ctr.refresh_every=4"]
ST = ["workload.techniques.st.enabled=true", "workload.techniques.st.mask_every=4",
      "workload.techniques.st.threshold=0.25"]
EP = "workload.techniques.ep.enabled=true"
TOKENS = 256
REUSES = {2, 3, 4, 6, 7}  # steps, with CTR above


def setting(name, value):
    return f"workload.techniques.ctr.{name}={value}"


class CachedTokenReuse(PlatformTest):
    def run_glyphs(self, out, settings, *arguments):
        sets = [word for each in RUN + settings for word in ("--set", each)]
        result = self.run_vp("run", "--workload", "glyphs", *sets, "--out", out, *arguments)
        self.assertEqual(result.status, 0, result.err)

    def output(self, out):
        return read(self.path(out, "output.bin"))

    def assert_equals_reference(self, out, settings):
        self.run_glyphs(out, settings)
        subprocess.run([os.environ["DIXION_REFERENCE_RUN"], WORKLOAD, self.path("reference.bin"), *RUN, *settings],
                       check=True)
        self.assertEqual(self.output(out), read(self.path("reference.bin")))

    def work_left(self, out):
        """Products that are left, of those of all operators."""
        rows = self.rows(out, "layers.csv")
        macs = sum(int(row["macs"]) for row in rows)
        return (macs - sum(int(row["macs_marked"]) for row in rows)) / macs

    def test_share_of_tokens(self):
        settings = CTR + [setting("share", 0.3)]
        self.assert_equals_reference("sparse", settings)
        active = 2 * math.ceil(0.3 * TOKENS)
        decisions, listed = {}, 0
        for row in self.rows("sparse", "layers.csv"):
            if row["command"] == "TOKEN_DECISION":
                decisions[int(row["step"])] = int(row["active_tokens"])
            elif int(row["tokens"]) != 0:
                self.assertIn(int(row["step"]), REUSES)
                self.assertEqual(int(row["tokens"]), 2 * TOKENS)
                self.assertEqual(int(row["active_tokens"]), active)
                self.assertEqual(int(row["macs_marked"]) * 2 * TOKENS, int(row["macs"]) * (2 * TOKENS - active))
                self.assertEqual(int(row["macs_exploited"]), int(row["macs_marked"]))
                listed += 1
        self.assertEqual(decisions, {step: active for step in REUSES})
        self.assertEqual(listed, len(REUSES) * (4 * 10 + 4))  # ten operators of a layer, four around them

        self.run_glyphs("dense", [])
        quality = psnr(pixels(self.path("sparse", "output.bin")), pixels(self.path("dense", "output.bin")))
        print(f"share 0.3: {self.work_left('sparse'):.3f} of the products, {quality:.1f} dB against the dense run")
        self.assertGreater(quality, 20)
        self.assertLess(quality, math.inf)

    def test_threshold(self):
        settings = CTR + [setting("threshold", 1)]
        self.assert_equals_reference("sparse", settings)
        rows = [row for row in self.rows("sparse", "layers.csv") if row["command"] == "TOKEN_DECISION"]
        counts = [int(row["active_tokens"]) for row in rows]
        self.assertEqual(len(counts), len(REUSES))
        for count in counts:
            self.assertEqual(count % 2, 0)  # the same tokens in both branches
            self.assertGreater(count, 0)
            self.assertLess(count, 2 * TOKENS)

    def test_several_samples_decide_for_themselves(self):
        self.assert_equals_reference("two", ["workload.classes=3A", "workload.steps=4"] + CTR + [setting("threshold", 1)])

    def test_with_softmax_thresholding(self):
        settings = CTR + ST + [setting("share", 0.3)]
        self.assert_equals_reference("both", settings)
        self.run_glyphs("ctr", CTR + [setting("share", 0.3)])
        self.assertNotEqual(self.output("both"), self.output("ctr"))
        self.assertLess(self.work_left("both"), self.work_left("ctr"))
        for row in self.rows("both", "layers.csv"):
            if row["command"].startswith("ATTENTION"):
                self.assertEqual(int(row["tokens"]) != 0, int(row["step"]) in REUSES)

    def test_with_feed_forward_reuse_and_schedules_of_listed_tokens(self):
        ffn = "workload.techniques.ffn_reuse."
        settings = CTR + [setting("share", 0.3), ffn + "enabled=true", ffn + "threshold=0.2", ffn + "dense_every=3",
                          ffn + "conmerge=true", ffn + "tile_width=16"]
        self.assert_equals_reference("ffn", settings)
        self.run_glyphs("ctr", CTR + [setting("share", 0.3)])
        self.assertLess(self.work_left("ffn"), self.work_left("ctr"))
        commands = {}
        for row in self.rows("ffn", "layers.csv"):
            if row["command"] in ("MATMUL_PARTIAL", "MATMUL_RESUME", "MATMUL_MASKED", "CONMERGE_BUILD"):
                listed = int(row["tokens"]) != 0
                self.assertEqual(listed, int(row["step"]) in REUSES)
                commands.setdefault(row["command"], set()).add(int(row["step"]))
        sparse = {2, 4, 7}  # 3 and 6 are dense steps of FFN-Reuse between two refreshes
        self.assertEqual(commands, {"MATMUL_PARTIAL": {0, 1, 3, 5, 6}, "MATMUL_RESUME": sparse,
                                    "MATMUL_MASKED": sparse, "CONMERGE_BUILD": sparse})

    def test_with_all_techniques(self):
        settings = CTR + [setting("share", 0.3)] + ST + [
            "workload.techniques.st.layers=2-3", "workload.techniques.ep.enabled=true", "workload.techniques.ep.keep=0.5",
            "workload.techniques.ffn_reuse.enabled=true", "workload.techniques.ffn_reuse.threshold=0.2",
            "workload.techniques.ffn_reuse.dense_every=3"]
        self.assert_equals_reference("all", settings)
        predicted = {(int(row["step"]), int(row["layer"])) for row in self.rows("all", "layers.csv")
                     if row["command"] == "PREDICT"}
        self.assertEqual(predicted, {(step, layer) for step in range(8) for layer in (0, 1)})

    def test_with_eager_prediction(self):
        settings = CTR + [setting("share", 0.3), EP, "workload.techniques.ep.keep=0.3", "workload.techniques.ep.dominance=0.1"]
        self.assert_equals_reference("both", settings)
        self.run_glyphs("ctr", CTR + [setting("share", 0.3)])
        self.assertLess(self.work_left("both"), self.work_left("ctr"))
        active, needed, kept = 2 * math.ceil(0.3 * TOKENS), {}, 0
        for row in self.rows("both", "layers.csv"):
            listed = row["step"] != "" and int(row["step"]) in REUSES
            if row["command"] == "PREDICT":
                self.assertEqual(int(row["active_tokens"]), active if listed else 0)
                # Queries of listed tokens, keys of all.
                self.assertEqual(int(row["mask_elements"]), 4 * TOKENS * (active if listed else TOKENS))
                kept += int(row["mask_kept"]) if listed else 0
            if row["command"] == "MATMUL_ROWS":
                elements, bits = needed.get(listed, (0, 0))
                needed[listed] = elements + int(row["mask_elements"]), bits + int(row["mask_kept"])
        self.assertLess(kept, 0.3 * 4 * 4 * len(REUSES) * active * TOKENS)  # some rows are one-hot
        for listed, (elements, bits) in needed.items():
            self.assertLess(bits, elements, listed)  # queries of one-hot rows

    def test_predictions_that_keep_everything_change_nothing(self):
        settings = CTR + [setting("threshold", 1)]
        self.run_glyphs("ctr", settings)
        self.run_glyphs("both", settings + [EP, "workload.techniques.ep.keep=1"])
        self.assertEqual(self.output("both"), self.output("ctr"))

    def test_all_tokens_give_the_dense_picture(self):
        self.run_glyphs("dense", [])
        self.run_glyphs("share", CTR + [setting("share", 1)])
        self.run_glyphs("neither", CTR)
        self.run_glyphs("refreshed", [CTR[0], setting("refresh_every", 1), setting("share", 0.1)])
        for out in ("share", "neither", "refreshed"):
            self.assertEqual(self.output(out), self.output("dense"), out)

    def test_timing_mode_takes_as_long(self):
        settings = CTR + [setting("share", 0.3)]
        self.run_glyphs("functional", settings)
        self.run_glyphs("timing", settings, "--mode", "timing")
        self.run_glyphs("again", settings, "--mode", "timing")
        functional, timing = self.rows("functional", "layers.csv"), self.rows("timing", "layers.csv")
        self.assertEqual(functional, timing)
        self.assertEqual(read(self.path("again", "statistics.json")), read(self.path("timing", "statistics.json")))

    def test_fewer_tokens_take_less_time(self):
        cycles = []
        for share in (1, 0.5, 0.25):
            self.run_glyphs(f"share{share}", CTR + [setting("share", share)], "--mode", "timing")
            rows = self.rows(f"share{share}", "layers.csv")
            cycles.append(sum(int(row["accel_cycles"]) for row in rows if row["tokens"] != "0" and row["name"] != ""))
        self.assertGreater(cycles[0], 1.5 * cycles[1])
        self.assertGreater(cycles[1], 1.2 * cycles[2])

    def test_refusals(self):
        result = self.run_vp("run", "--workload", "mdm", "--set", CTR[0])
        self.assert_user_error(result, "workload.techniques.ctr.enabled", "CTR is not defined for network 'mdm'")
        result = self.run_vp("run", "--workload", "glyphs", "--set", CTR[0], "--set", setting("share", 2))
        self.assert_user_error(result, "workload.techniques.ctr.share", "from 0 to 1")
        result = self.run_vp("run", "--workload", "glyphs", "--set", "soc.accelerator.token_rule=random")
        self.assert_user_error(result, "soc.accelerator.token_rule", "unknown rule 'random'; there are ranked")


if __name__ == "__main__":
    unittest.main()

# SPDX-License-Identifier: Apache-2.0
"""Masks of a functional run in timing mode: the same time to the cycle; and made-up ones, which readers and makers share."""

import json
import struct
import unittest

from platform_run import PlatformTest, read

SIZE = ["--set", "workload.steps=4", "--set", "workload.classes=3"]
ST = ["--set", "workload.techniques.st.enabled=true", "--set", "workload.techniques.st.mask_every=2",
      "--set", "workload.techniques.st.threshold=0.5"]


FFN = ["--set", "workload.techniques.ffn_reuse.enabled=true", "--set", "workload.techniques.ffn_reuse.dense_every=2",
       "--set", "workload.techniques.ffn_reuse.threshold=0.2"]
CTR = ["--set", "workload.techniques.ctr.enabled=true", "--set", "workload.techniques.ctr.threshold=1",
       "--set", "workload.techniques.ctr.refresh_every=3"]
EP = ["--set", "workload.techniques.ep.enabled=true", "--set", "workload.techniques.ep.keep=0.2",
      "--set", "workload.techniques.ep.dominance=2"]


class Masks(PlatformTest):
    def glyphs(self, out, *arguments):
        result = self.run_vp("run", "--workload", "glyphs", *SIZE, "--out", out, *arguments)
        self.assertEqual(result.status, 0, result.err)

    def assert_same_time(self, functional, timing):
        self.assertEqual(read(self.path(functional, "layers.csv")), read(self.path(timing, "layers.csv")))
        expected, seen = self.values(functional), self.values(timing)
        self.assertEqual(list(expected), list(seen))
        for name, value in seen.items():
            self.assertEqual(value, 0 if name.endswith(".saturations") else expected[name], name)

    def replay(self, technique, other="disc"):
        """Records on one SoC, replays on it and on another."""
        self.glyphs("computed", *technique, "--record-masks", self.path("masks"))
        self.glyphs("replayed", *technique, "--mode", "timing", "--replay-masks", self.path("masks"))
        self.assert_same_time("computed", "replayed")
        self.glyphs("computed-other", *technique, "--soc", other)
        self.glyphs("replayed-other", *technique, "--soc", other, "--mode", "timing", "--replay-masks",
                    self.path("masks"))
        self.assert_same_time("computed-other", "replayed-other")

    def test_softmax_thresholding_takes_the_same_time(self):
        self.replay(ST)
        kept = [int(row["mask_kept"]) for row in self.rows("replayed", "layers.csv") if row["mask_elements"] != "0"]
        self.assertEqual(len(kept), 4 * 4)
        self.assertEqual(len(set(kept)), 2 * 4, "two steps make masks of their own in each of four layers")

    def test_ffn_reuse_takes_the_same_time(self):
        self.replay(FFN)

    def test_ffn_reuse_with_schedules_takes_the_same_time(self):
        self.replay([*FFN, "--set", "workload.techniques.ffn_reuse.conmerge=true",
                     "--set", "workload.techniques.ffn_reuse.tile_width=16"], "exion24")

    def test_ffn_reuse_by_rows_takes_the_same_time(self):
        self.replay([*FFN, "--set", "workload.techniques.ffn_reuse.hidden_rows=true"], "exion24")

    def test_cached_token_reuse_takes_the_same_time(self):
        self.replay(CTR)
        active = {row["active_tokens"] for row in self.rows("replayed", "layers.csv") if row["tokens"] != "0"}
        self.assertGreater(len(active), 1, "a threshold lists as many tokens as changed")

    def test_eager_prediction_takes_the_same_time(self):
        self.replay(EP, "exion24")

    def test_eager_prediction_of_listed_tokens_takes_the_same_time(self):
        self.replay([*EP, *CTR], "exion24")

    def test_all_techniques_take_the_same_time(self):
        layers = ["--set", "workload.techniques.st.layers=0-1", "--set", "workload.techniques.ep.layers=2-3"]
        self.replay([*ST, *FFN, *CTR, *EP, *layers], "exion24")

    def test_made_up_masks_differ_by_layer_and_by_step_as_persistence_says(self):
        def cycles(persistence):
            out = f"persistent-{persistence}"
            self.glyphs(out, *ST, "--set", "workload.steps=12", "--soc", "disc", "--mode", "timing",
                        "--set", "workload.techniques.st.masks.density=0.3",
                        "--set", f"workload.techniques.st.masks.persistence={persistence}")
            rows = [row for row in self.rows(out, "layers.csv") if row["command"] == "ATTENTION_MASKED"]
            self.assertEqual(len(rows), 6 * 4)
            return [[int(row["accel_cycles"]) for row in rows if row["layer"] == str(layer)] for layer in range(4)]

        kept, anew = cycles(1), cycles(0)
        self.assertEqual([len(set(steps)) for steps in kept], [1] * 4, "a mask that persists takes the same time in each step")
        self.assertGreater(len({steps[0] for steps in kept}), 1, "layers have masks of their own")
        self.assertGreater(min(len(set(steps)) for steps in anew), 1, "masks that are drawn anew do not")
        self.assertEqual(anew, cycles(0))

    def test_recording_changes_nothing(self):
        self.glyphs("plain", *ST)
        self.glyphs("recorded", *ST, "--record-masks", self.path("masks"))
        for name in ("layers.csv", "statistics.json", "output.bin"):
            self.assertEqual(read(self.path("plain", name)), read(self.path("recorded", name)), name)

    def test_recordings_that_do_not_fit_are_told(self):
        self.glyphs("computed", *ST, "--record-masks", self.path("masks"))
        whole = read(self.path("masks"))
        run = ["run", "--workload", "glyphs", *SIZE, *ST]
        timing = [*run, "--mode", "timing", "--replay-masks"]

        def write(name, content):
            with open(self.path(name), "wb") as stream:
                stream.write(content)
            return self.path(name)

        cut = write("cut", whole[:-100])
        self.assert_user_error(self.run_vp(*timing, cut), "cut", "truncated: it ends in mask 8 of 8")
        self.assert_user_error(self.run_vp(*timing, write("text", b"hello, this is no mask")), "no recording of masks")
        self.assert_user_error(self.run_vp(*timing, self.path("nothing")), "nothing", "cannot be read")
        self.assert_user_error(
            self.run_vp(*timing, self.path("masks"), "--set", "workload.techniques.st.threshold=0.25"),
            "other settings of workload 'glyphs': there 'threshold: 0.5', here 'threshold: 0.25'")
        result = self.run_vp("run", "--workload", "mld", "--mode", "timing", "--replay-masks", self.path("masks"))
        self.assert_user_error(result, "recorded with workload 'glyphs', this run has 'mld'")
        self.assert_user_error(self.run_vp(*run, "--replay-masks", self.path("masks")), "--replay-masks", "timing")
        self.assert_user_error(self.run_vp(*run, "--mode", "timing", "--record-masks", self.path("x")),
                               "--record-masks", "functional")

        # Without its last mask: 40 bytes of record, 2 x 4 heads x 256 rows x 8 words.
        missing = bytearray(whole[:-(40 + 2 * 4 * 256 * 8 * 4)])
        missing[24:32] = struct.pack("<Q", 7)
        result = self.run_vp(*timing, write("missing", missing), "--out", "missing-out")
        self.assertEqual(result.status, 2, result.err)
        self.assertEqual(len(result.lines), 1, result.err)
        self.assertIn("has no mask of ATTENTION_MARK (step 2, layer 3, operator", result.err)
        self.assertEqual(json.loads(read(self.path("missing-out", "result.json")))["verdict"], "user_error")

    def test_made_up_masks_have_the_density_of_the_workload(self):
        for density in (0.1, 0.6):
            out = f"density{density}"
            self.glyphs(out, *ST, "--mode", "timing", "--set", f"workload.techniques.st.masks.density={density}",
                        "--set", "workload.techniques.st.masks.column_skew=2")
            rows = [row for row in self.rows(out, "layers.csv") if row["mask_elements"] != "0"]
            self.assertEqual(len(rows), 4 * 4)
            for row in rows:
                self.assertAlmostEqual(int(row["mask_kept"]) / (2 * 4 * 256 * 256), density, delta=0.01)
            self.assertGreater(len({row["mask_kept"] for row in rows}), 1, "each place has masks of its own")
        self.glyphs("again", *ST, "--mode", "timing", "--set", "workload.techniques.st.masks.density=0.6",
                    "--set", "workload.techniques.st.masks.column_skew=2")
        self.assertEqual(read(self.path("again", "layers.csv")), read(self.path("density0.6", "layers.csv")))
        result = self.run_vp("run", "--workload", "glyphs", "--set", "workload.techniques.st.masks.density=2")
        self.assert_user_error(result, "workload.techniques.st.masks.density", "from 0 to 1")

    def test_models_can_be_probed_with_a_recorded_mask(self):
        self.glyphs("computed", *ST, "--record-masks", self.path("masks"))
        choice = ["--mask", self.path("masks"), "--layer", "2", "--step", "2", "--group", "5"]
        result = self.run_vp("probe", "lists", *choice)
        self.assertEqual(result.status, 0, result.err)
        self.assertIn(f"| {self.path('masks')} | interleave | multicast |".encode(), result.out)
        result = self.run_vp("probe", "banks", *choice, "--stride", "64", "--map", "xor")
        self.assertEqual(result.status, 0, result.err)
        self.assertIn(f"accesses of 256 rows of {self.path('masks')}, 256 columns 64 bytes apart".encode(), result.out)
        probe = ["probe", "conmerge", "--mask", self.path("masks"), "--layer", "2"]
        result = self.run_vp(*probe, "--step", "2", "--group", "5")
        self.assertEqual(result.status, 0, result.err)
        self.assertIn(b"256 tokens x 256 columns", result.out)
        self.assert_user_error(self.run_vp(*probe), "step 0, layer 2", "step 2, layer 2", "--step")
        self.assert_user_error(self.run_vp(*probe, "--step", "1"), "holds no such mask")
        self.assert_user_error(self.run_vp(*probe, "--step", "2", "--group", "8"), "--group", "8 groups")


if __name__ == "__main__":
    unittest.main()

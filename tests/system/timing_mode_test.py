# SPDX-License-Identifier: Apache-2.0
"""Timing mode computes nothing and takes the same simulated time; every preset runs in it."""

import json
import os
import unittest

from platform_run import PlatformTest, read

PRESETS = ["disc", "disc+hbm2e", "dixion", "dixion+gddr6", "exion24", "exion24+gddr6", "exion4", "exion4+lpddr5"]


class TimingMode(PlatformTest):
    def glyphs(self, out, *arguments):
        result = self.run_vp("run", "--workload", "glyphs", "--out", out, *arguments)
        self.assertEqual(result.status, 0, result.err)
        return json.loads(read(self.path(out, "result.json")))

    def test_everything_but_saturations_equals_functional_mode(self):
        size = ["--set", "workload.steps=2", "--set", "workload.classes=3,7"]
        functional = self.glyphs("functional", *size, "--mode", "functional")
        timing = self.glyphs("timing", *size, "--mode", "timing")
        self.assertEqual((functional["mode"], timing["mode"]), ("functional", "timing"))
        for key in ("instructions", "simulated_time_ps", "guest_errors"):
            self.assertEqual(functional[key], timing[key], key)

        expected, seen = self.values("functional"), self.values("timing")
        self.assertEqual(list(expected), list(seen))
        saturations = [name for name in seen if name.endswith(".saturations")]
        self.assertTrue(saturations)
        for name, value in seen.items():
            self.assertEqual(value, 0 if name in saturations else expected[name], name)
        self.assertEqual(read(self.path("functional", "layers.csv")), read(self.path("timing", "layers.csv")))

    def test_there_is_no_picture(self):
        self.glyphs("timing", "--set", "workload.steps=1", "--set", "workload.classes=3", "--set",
                    "soc.accelerator.mode=timing")
        self.assertEqual(sorted(os.listdir(self.path("timing"))),
                         ["configuration.textproto", "layers.csv", "result.json", "statistics.json",
                          "workload.textproto"])

    def test_the_option_wins_over_the_key(self):
        result = self.glyphs("out", "--set", "workload.steps=1", "--set", "workload.classes=3", "--set",
                             "soc.accelerator.mode=timing", "--mode", "functional")
        self.assertEqual(result["mode"], "functional")
        self.assertIn(b"mode: functional", read(self.path("out", "configuration.textproto")))

    def test_unknown_mode_is_refused(self):
        self.assert_user_error(self.run_vp("run", "--workload", "glyphs", "--mode", "fast"), "--mode", "timing")


class Presets(PlatformTest):
    def test_all_are_listed(self):
        listed = self.run_vp("describe").out.decode().splitlines()[0]
        self.assertEqual(listed, "SoC presets: " + " ".join(PRESETS))

    def test_each_passes_check_and_runs_a_step(self):
        for preset in PRESETS:
            with self.subTest(preset):
                self.assertEqual(self.run_vp("check", "--soc", preset, "--workload", "glyphs").status, 0)
                result = self.run_vp("run", "--soc", preset, "--workload", "glyphs", "--set", "workload.steps=1",
                                     "--mode", "timing", "--out", preset)
                self.assertEqual(result.status, 0, result.err)
                self.assertEqual(json.loads(read(self.path(preset, "result.json")))["soc"], preset)


if __name__ == "__main__":
    unittest.main()

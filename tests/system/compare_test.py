# SPDX-License-Identifier: Apache-2.0
"""dixion-vp compare on real runs."""

import json
import os
import unittest

from platform_run import SmallGlyphs, misuse, read


class Compare(SmallGlyphs):
    def test_differences_ratios_and_equal_pictures(self):
        self.glyphs("a")
        self.glyphs("b", "--set", "soc.accelerator.cores=2")
        result = self.run_vp("compare", "a", "b", "--by", "engine", "--csv", "table.csv")
        self.assertEqual((result.status, result.err), (0, ""))
        text = result.out.decode()
        self.assertIn("  soc.accelerator.cores: 4 -> 2\n", text)
        self.assertEqual(text.count(" -> "), 2)  # and the heading
        self.assertIn("quality: outputs are equal, 1,024 values", text)

        table = {(row["group"], row["metric"]): row for row in self.rows("table.csv")}
        layers = {name: self.rows(name + "/layers.csv") for name in ("a", "b")}
        for side in ("a", "b"):
            cycles = sum(int(row["accel_cycles"]) for row in layers[side] if row["command"] == "MATMUL" or
                         row["command"] == "ATTENTION")
            self.assertEqual(int(table["engine matrix", "accel_cycles"][side]), cycles)
            simulated = json.loads(read(self.path(side, "result.json")))["simulated_time_ps"]
            self.assertEqual(int(table["run", "simulated_time_ps"][side]), simulated)
        self.assertGreater(float(table["engine matrix", "accel_cycles"]["b_over_a"]), 1.5)
        self.assertEqual(table["engine matrix", "macs"]["b_over_a"], "1.000")
        # Every column of cycles, those of stalls among them, is there.
        names = list(layers["a"][0])
        columns = names[names.index("accel_cycles"):names.index("macs")]
        self.assertIn("semaphore", columns)
        for name in columns:
            self.assertIn(("run", name), table)

    def test_other_pictures_have_a_distance(self):
        self.glyphs("a")
        self.glyphs("b", "--seed", "5")
        self.assertRegex(self.run_vp("compare", "a", "b").out.decode(), r"values differ, PSNR [0-9.]+ dB")

    def test_a_run_equals_itself(self):
        self.glyphs("a")
        text = self.run_vp("compare", "a", "a", "--by", "step").out.decode()
        self.assertIn("the same", text)
        ratios = {line.split()[-1] for line in text.splitlines() if line.startswith("  ") and line.split()[-1][0].isdigit()}
        self.assertEqual(ratios, {"1.000"})

    def test_what_cannot_be_compared_is_refused_in_a_line(self):
        self.glyphs("a")
        self.assert_user_error(self.run_vp("compare", "a", "nowhere"), "nowhere", "no folder")
        self.assert_user_error(self.run_vp("compare", "a"), "B")
        self.assert_user_error(self.run_vp("compare", "a", "a", "--by", "colour"), "--by")
        self.assert_user_error(self.run_vp("compare", "a", "a", "--csv", "/proc/table.csv"), "--csv", "/proc/table.csv")
        self.run_vp("run", misuse("poll_forever"), "--max-sim-time", "1ms", "--out", "stopped")
        self.assert_user_error(self.run_vp("compare", "a", "stopped"), "stopped", "did not finish")
        result = json.loads(read(self.path("a", "result.json")))
        result["schema"] = 7
        os.mkdir(self.path("future"))
        with open(self.path("future", "result.json"), "w", encoding="utf-8") as stream:
            json.dump(result, stream)
        self.assert_user_error(self.run_vp("compare", "a", "future"), "future", "schema 7", "schema 2")


if __name__ == "__main__":
    unittest.main()

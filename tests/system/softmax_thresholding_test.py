# SPDX-License-Identifier: Apache-2.0
"""Softmax thresholding on the glyphs network: the picture of the reference, densities per step, how near the dense run."""

import math
import os
import subprocess
import unittest

from picture_difference import pixels, psnr
from platform_run import PlatformTest, read

WORKLOAD = os.path.join(os.environ["DIXION_SOURCE_DIR"], "traces", "workloads", "glyphs.textproto")
RUN = ["workload.steps=8", "workload.classes=3"]
ST = ["workload.techniques.st.enabled=true", "workload.techniques.st.mask_every=4"]


class SoftmaxThresholding(PlatformTest):
    def run_glyphs(self, out, settings, *arguments):
        sets = [word for setting in RUN + settings for word in ("--set", setting)]
        result = self.run_vp("run", "--workload", "glyphs", *sets, "--out", out, *arguments)
        self.assertEqual(result.status, 0, result.err)

    def attention_rows(self, out):
        return [row for row in self.rows(out, "layers.csv") if row["command"].startswith("ATTENTION")]

    def test_picture_and_densities(self):
        settings = ST + ["workload.techniques.st.threshold=0.25"]
        self.run_glyphs("sparse", settings)
        subprocess.run([os.environ["DIXION_REFERENCE_RUN"], WORKLOAD, self.path("reference.bin"), *RUN, *settings],
                       check=True)
        self.assertEqual(read(self.path("sparse", "output.bin")), read(self.path("reference.bin")))

        rows = self.attention_rows("sparse")
        self.assertEqual(len(rows), 8 * 4)
        density = {}
        for row in rows:
            marks = int(row["step"]) % 4 == 0
            self.assertEqual(row["command"], "ATTENTION_MARK" if marks else "ATTENTION_MASKED")
            self.assertEqual(int(row["mask_elements"]), 2 * 4 * 256 * 256)
            density[int(row["step"]), row["layer"]] = int(row["mask_kept"]) / int(row["mask_elements"])
            dropped = int(row["mask_elements"]) - int(row["mask_kept"])
            self.assertEqual(int(row["macs_marked"]), 0 if marks else 2 * 32 * dropped)
            self.assertLessEqual(int(row["macs_exploited"]), int(row["macs_marked"]))
        for (step, layer), kept in density.items():
            self.assertGreater(kept, 0.05)
            self.assertLess(kept, 0.95)
            self.assertEqual(kept, density[step // 4 * 4, layer])

        self.run_glyphs("dense", [])
        quality = psnr(pixels(self.path("sparse", "output.bin")), pixels(self.path("dense", "output.bin")))
        print(f"threshold 0.25: density {sum(density.values()) / len(density):.3f}, "
              f"{quality:.1f} dB against the dense run")
        self.assertGreater(quality, 20)
        self.assertLess(quality, math.inf)

    def test_higher_thresholds_keep_less_and_differ_more(self):
        self.run_glyphs("dense", [])
        before = (1.1, math.inf)
        for threshold in ("0.1", "0.5", "2"):
            self.run_glyphs("res" + threshold, ST + [f"workload.techniques.st.threshold={threshold}"])
            rows = self.attention_rows("res" + threshold)
            kept = sum(int(row["mask_kept"]) for row in rows) / sum(int(row["mask_elements"]) for row in rows)
            quality = psnr(pixels(self.path("res" + threshold, "output.bin")), pixels(self.path("dense", "output.bin")))
            print(f"threshold {threshold}: density {kept:.3f}, {quality:.1f} dB against the dense run")
            self.assertLess(kept, before[0])
            self.assertLess(quality, before[1])
            before = (kept, quality)

    def test_list_mode_is_faster_than_full_attention(self):
        def cycles(out, settings, command):
            self.run_glyphs(out, settings, "--soc", "disc", "--mode", "functional")
            rows = [row for row in self.attention_rows(out) if row["command"] == command]
            return sum(int(row["accel_cycles"]) for row in rows) / len(rows), rows

        dense, _ = cycles("disc_dense", [], "ATTENTION")
        sparse, rows = cycles("disc_sparse", ST + ["workload.techniques.st.threshold=0.5"], "ATTENTION_MASKED")
        total, kept, marked = (sum(int(row[key]) for row in rows) for key in ("mask_elements", "mask_kept", "macs_marked"))
        print(f"disc: {dense:.0f} accel_cycles dense, {sparse:.0f} at density {kept / total:.3f}")
        self.assertLess(sparse, dense)
        # Cycles saved on the eight heads' cores against what their arrays would take for the marked products alone.
        saved = (dense - sparse) * 8 * 64 * 9 * 8 * len(rows)
        print(f"saved cycles are {saved / marked:.2f} of the marked products")
        self.assertGreater(saved / marked, 0.7)

    def test_masks_in_every_step_give_the_dense_picture(self):
        self.run_glyphs("dense", [])
        self.run_glyphs("marked", ["workload.techniques.st.enabled=true", "workload.techniques.st.mask_every=1",
                                   "workload.techniques.st.threshold=2"])
        self.assertEqual(read(self.path("marked", "output.bin")), read(self.path("dense", "output.bin")))

    def test_networks_it_is_not_defined_for_are_refused(self):
        for network in ("stable-diffusion-v1", "make-an-audio", "videocrafter2", "mld", "mdm", "edge"):
            result = self.run_vp("run", "--workload", network, "--mode", "timing", "--set", ST[0])
            self.assert_user_error(result, "workload.techniques.st.enabled", network)

    def test_bad_settings_are_told(self):
        result = self.run_vp("run", "--workload", "glyphs", "--set", ST[0],
                             "--set", "workload.techniques.st.layers=2-9")
        self.assert_user_error(result, "workload.techniques.st.layers", "layer 4 has no self-attention")


if __name__ == "__main__":
    unittest.main()

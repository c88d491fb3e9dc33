# SPDX-License-Identifier: Apache-2.0
"""A whole, small denoising run against the scalar reference."""

import os
import subprocess
import unittest

from platform_run import PlatformTest, read

SETTINGS = ["workload.steps=2", "workload.classes=3"]
WORKLOAD = os.path.join(os.environ["DIXION_SOURCE_DIR"], "traces", "workloads", "glyphs.textproto")


class Denoise(PlatformTest):
    def denoise(self, *arguments):
        sets = [word for setting in SETTINGS for word in ("--set", setting)]
        result = self.run_vp("run", "--workload", "glyphs", *sets, "--out", "res", *arguments)
        self.assertEqual(result.status, 0, result.err)
        return result

    def test_final_latent_equals_the_reference(self):
        self.denoise()
        subprocess.run([os.environ["DIXION_REFERENCE_RUN"], WORKLOAD, self.path("reference.bin"), *SETTINGS],
                       check=True)
        output = read(self.path("res", "output.bin"))
        self.assertEqual(len(output), 32 * 32 * 4)
        self.assertEqual(output, read(self.path("reference.bin")))

    def test_global_buffer_too_small_for_the_weights_changes_time_only(self):
        self.denoise()
        whole = read(self.path("res", "output.bin"))
        for kibibytes in (512, 64):
            with self.subTest(kibibytes):
                result = self.denoise("--set", f"soc.accelerator.global_buffer.bytes={kibibytes * 1024}")
                self.assertIn("for others in turn", result.out.decode())
                self.assertEqual(read(self.path("res", "output.bin")), whole)

    def test_memory_too_small_is_told_with_bytes(self):
        # The image lies 16 MiB into DRAM and has 1.5 MB, so that the tensors of eight samples do not fit behind it.
        result = self.run_vp("run", "--workload", "glyphs", "--mode", "timing", "--out", "res",
                             "--set", f"soc.memory.simple.capacity_bytes={19 << 20}")
        self.assertEqual(result.status, 1, result.err)
        self.assertRegex(result.out.decode(), r"denoise: workload refused: DRAM has no room for tensor \(number \d+\): "
                                              r"\d+ bytes needed, \d+ are there")

    def test_files_and_summary(self):
        result = self.denoise()
        self.assertEqual(sorted(os.listdir(self.path("res"))),
                         ["configuration.textproto", "glyphs.png", "layers.csv", "output.bin", "result.json",
                          "statistics.json", "workload.textproto"])
        self.assertEqual(read(self.path("res", "glyphs.png"))[:8], b"\x89PNG\r\n\x1a\n")
        for word in ("simulated time", "accel_cycles", "macs", "% of peak", "instructions", "wall time"):
            self.assertIn(word, result.err)

    def test_layers_add_up_to_the_statistics(self):
        self.denoise()
        rows = self.rows("res", "layers.csv")
        self.assertEqual({row["step"] for row in rows if row["step"]}, {"0", "1"})
        self.assertTrue(all(row["name"] for row in rows if row["command"] == "MATMUL"))
        macs = sum(value for name, value in self.values("res").items() if name.startswith("accelerator") and name.endswith("macs"))
        self.assertEqual(sum(int(row["macs"]) for row in rows), macs)


if __name__ == "__main__":
    unittest.main()

# SPDX-License-Identifier: Apache-2.0
"""The same call gives the same bytes; with one hart the quantum changes nothing."""

import os
import unittest

from platform_run import PlatformTest, firmware, read

RESULTS = ["statistics.json", "layers.csv", "output.bin"]


class Determinism(PlatformTest):
    def denoise(self, out, *arguments):
        result = self.run_vp("run", "--workload", "glyphs", "--set", "workload.steps=1", "--set", "workload.classes=3",
                             "--out", out, *arguments)
        self.assertEqual(result.status, 0, result.err)
        return {name: read(self.path(out, name)) for name in RESULTS}

    def test_two_runs_and_all_quanta_give_the_same_bytes(self):
        first = self.denoise("first")
        for name, arguments in {"second": [], "1ns": ["--quantum", "1ns"], "1us": ["--quantum", "1us"],
                                "1ms": ["--quantum", "1ms"]}.items():
            other = self.denoise(name, *arguments)
            for file in RESULTS:
                self.assertEqual(first[file], other[file], f"{file} of run {name}")

    def test_the_number_of_threads_changes_nothing(self):
        one = self.denoise("threads-1", "--threads", "1")
        for threads in ("2", "3"):
            self.assertEqual(one, self.denoise("threads-" + threads, "--threads", threads), threads + " threads")

    def test_small_programs_take_the_same_simulated_time(self):
        for program in ("hello", "doorbell", "matmul"):
            seen = set()
            for quantum in ("1ns", "1us", "1ms"):
                out = f"{program}-{quantum}"
                result = self.run_vp("run", firmware(program), "--quantum", quantum, "--out", out)
                self.assertEqual(result.status, 0, result.err)
                seen.add((result.out, read(self.path(out, "statistics.json"))))
            self.assertEqual(len(seen), 1, program)

    def test_seed_changes_the_picture(self):
        one = self.denoise("one", "--seed", "1")["output.bin"]
        two = self.denoise("two", "--seed", "2")["output.bin"]
        self.assertEqual(len(one), len(two))
        self.assertNotEqual(one, two)
        self.assertFalse(os.path.exists(self.path("out")))


if __name__ == "__main__":
    unittest.main()

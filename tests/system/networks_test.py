# SPDX-License-Identifier: Apache-2.0
"""The published networks, whole runs in timing mode: they end, do the work that `describe` promises, and fit the workstation."""

import os
import subprocess
import unittest

from platform_run import VP, PlatformTest, read

FOLDER = os.path.join(os.environ["DIXION_SOURCE_DIR"], "traces", "workloads")
# 4K is extrapolated and described only.
NETWORKS = sorted(name[:-len(".textproto")] for name in os.listdir(FOLDER)
                  if name.endswith(".textproto") and name not in ("glyphs.textproto", "pixart-sigma-4k.textproto"))
MEMORY_LIMIT_KIB = 2 << 20


class Networks(PlatformTest):
    def run_measured(self, *arguments):
        """Exit status and peak memory in KiB."""
        process = subprocess.Popen([VP, "run", *arguments], cwd=self.folder, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        err = process.stderr.read().decode()
        process.stderr.close()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        return process.returncode, usage.ru_maxrss, err

    def macs_of(self, network):
        """MACs of the run as `describe` prints them."""
        for line in self.run_vp("describe", "--workload", network).out.decode().splitlines():
            words = line.split()
            if words[:1] == ["run"]:
                return int(words[1].replace(",", ""))
        self.fail("describe prints no MACs of the run")

    def test_there_are_eleven(self):
        self.assertEqual(len(NETWORKS), 11)

    def test_whole_runs_do_the_described_work_in_little_memory(self):
        for network in NETWORKS:
            with self.subTest(network):
                status, memory, err = self.run_measured("--workload", network, "--soc", "exion24", "--mode", "timing",
                                                        "--out", network)
                self.assertEqual(status, 0, err)
                self.assertLess(memory, MEMORY_LIMIT_KIB)
                self.assertEqual(self.values(network)["accelerator.matrix.macs"], self.macs_of(network))

    def test_4k_is_described_and_marked(self):
        self.assertEqual(self.run_vp("check", "--soc", "exion24", "--workload", "pixart-sigma-4k").status, 0)
        self.assertIn(b"Extrapolated", read(FOLDER, "pixart-sigma-4k.textproto"))

    def test_short_memory_is_said_by_the_firmware(self):
        result = self.run_vp("run", "--workload", "dit-xl-2-512", "--soc", "exion24", "--mode", "timing", "--set",
                             "soc.memory.simple.capacity_bytes=708837376")
        self.assertEqual(result.status, 1, result.err)
        self.assertIn(b"DRAM", result.out)


if __name__ == "__main__":
    unittest.main()

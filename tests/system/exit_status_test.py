# SPDX-License-Identifier: Apache-2.0
"""How runs end: exit status, verdict line, result.json."""

import json
import signal
import subprocess
import time
import unittest

from platform_run import VP, PlatformTest, firmware, misuse, read


class ExitStatus(PlatformTest):
    def verdict(self, *arguments):
        """(exit status, last line of stderr, result.json) of a run."""
        result = self.run_vp("run", *arguments, "--out", "res")
        return result.status, result.lines[-1], json.loads(read(self.path("res", "result.json")))

    def test_passed(self):
        status, line, result = self.verdict(firmware("hello"))
        self.assertEqual((status, line), (0, "verdict: passed: the firmware reported success"))
        self.assertEqual(result["verdict"], "passed")
        self.assertGreater(result["instructions"], 0)
        self.assertIn("systemc", result["versions"])

    def test_failed_prints_the_code(self):
        status, line, result = self.verdict(misuse("exit_code"))
        self.assertEqual((status, line), (1, "verdict: failed: the firmware reported code 7"))
        self.assertEqual((result["verdict"], result["guest_code"]), ("failed", 7))

    def test_guest_exit_code_on_request(self):
        self.assertEqual(self.run_vp("run", misuse("exit_code"), "--exit-code", "guest").status, 7)
        self.assertEqual(self.run_vp("run", firmware("hello"), "--exit-code", "guest").status, 0)

    def test_time_limit(self):
        status, line, result = self.verdict(misuse("poll_forever"), "--max-sim-time", "1ms")
        self.assertEqual((status, line), (5, "verdict: time limit: simulated time reached the limit of 1 ms"))
        self.assertEqual((result["verdict"], result["simulated_time_ps"]), ("time_limit", 10**9))
        self.assertTrue(any("main" in entry for entry in result["report"]), result["report"])

    def test_a_limit_behind_the_end_changes_nothing(self):
        self.assertEqual(self.verdict(firmware("hello"), "--max-sim-time", "1s")[0], 0)

    def test_interrupt_ends_cleanly(self):
        process = subprocess.Popen([VP, "run", misuse("poll_forever"), "--out", self.path("res")],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        time.sleep(1)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=20)
        self.assertEqual(process.returncode, 130, err)
        self.assertIn(b"verdict: interrupted", err)
        self.assertEqual(json.loads(read(self.path("res", "result.json")))["verdict"], "interrupted")


if __name__ == "__main__":
    unittest.main()

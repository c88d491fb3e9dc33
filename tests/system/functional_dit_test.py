# SPDX-License-Identifier: Apache-2.0
"""One functional forward pass of DiT-XL/2 256 under firmware equals the scalar reference, bit by bit. Takes minutes."""

import os
import subprocess
import unittest

from platform_run import PlatformTest, read

WORKLOAD = os.path.join(os.environ["DIXION_SOURCE_DIR"], "traces", "workloads", "dit-xl-2-256.textproto")
# With v-prediction the last and only step's result is the network's output but for noise of a hundredth.
SETTINGS = ["workload.steps=1", "workload.guidance=0", "workload.sampler.prediction=V", "workload.sampler.spacing=EVEN"]


class FunctionalDit(PlatformTest):
    def test_forward_pass_equals_the_reference(self):
        sets = [word for setting in SETTINGS for word in ("--set", setting)]
        result = self.run_vp("run", "--workload", "dit-xl-2-256", "--soc", "exion24", *sets, "--out", "res")
        self.assertEqual(result.status, 0, result.err)
        subprocess.run([os.environ["DIXION_REFERENCE_RUN"], WORKLOAD, self.path("reference.bin"), *SETTINGS],
                       check=True)
        output = read(self.path("res", "output.bin"))
        self.assertEqual(len(output), 32 * 32 * 4 * 4)
        self.assertGreater(len(set(output)), 200)
        self.assertEqual(output, read(self.path("reference.bin")))


if __name__ == "__main__":
    unittest.main()

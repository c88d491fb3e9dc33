# SPDX-License-Identifier: Apache-2.0
"""One functional forward pass of a network under firmware against the scalar reference, bit by bit."""

import os
import subprocess

from platform_run import PlatformTest, read

FOLDER = os.path.join(os.environ["DIXION_SOURCE_DIR"], "traces", "workloads")
ONE_PASS = ["workload.steps=1", "workload.guidance=0"]
# With v-prediction the last and only step's result is the network's output but for noise of a hundredth.
OUTPUT_ONLY = ["workload.sampler.prediction=V", "workload.sampler.spacing=EVEN"]


class ReferenceEquality(PlatformTest):
    def assert_equals_reference(self, network, values, *settings):
        """`values`: numbers of the result; at least half of its bytes' values must occur, so that it is no constant."""
        settings = [*ONE_PASS, *settings]
        sets = [word for setting in settings for word in ("--set", setting)]
        result = self.run_vp("run", "--workload", network, "--soc", "exion24", *sets, "--out", "res")
        self.assertEqual(result.status, 0, result.err)
        subprocess.run([os.environ["DIXION_REFERENCE_RUN"], os.path.join(FOLDER, network + ".textproto"),
                        self.path("reference.bin"), *settings], check=True)
        output = read(self.path("res", "output.bin"))
        self.assertEqual(len(output), values * 4)
        self.assertGreater(len(set(output)), 128)
        self.assertEqual(output, read(self.path("reference.bin")))

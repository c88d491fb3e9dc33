# SPDX-License-Identifier: Apache-2.0
"""Large published networks compute what the scalar reference computes. Takes minutes."""

import unittest

from reference_equality import OUTPUT_ONLY, ReferenceEquality


class FunctionalLargeNetworks(ReferenceEquality):
    def test_dit_xl_2_256(self):
        self.assert_equals_reference("dit-xl-2-256", 32 * 32 * 4, *OUTPUT_ONLY)

    def test_make_an_audio_with_convolutions_geglu_and_resampling(self):
        self.assert_equals_reference("make-an-audio", 10 * 80 * 4, *OUTPUT_ONLY)

    def test_stable_diffusion(self):
        self.assert_equals_reference("stable-diffusion-v1", 64 * 64 * 4, *OUTPUT_ONLY)


if __name__ == "__main__":
    unittest.main()

# SPDX-License-Identifier: Apache-2.0
"""The small published networks compute what the scalar reference computes."""

import unittest

from reference_equality import OUTPUT_ONLY, ReferenceEquality


class FunctionalNetworks(ReferenceEquality):
    def test_mld_with_its_skip_connections(self):
        self.assert_equals_reference("mld", 256, *OUTPUT_ONLY)

    def test_mdm(self):
        self.assert_equals_reference("mdm", 196 * 263)

    def test_edge_with_rotary_positions_film_and_cross_attention(self):
        self.assert_equals_reference("edge", 150 * 151)


if __name__ == "__main__":
    unittest.main()

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

#include "tests/support/reference/operators.h"

namespace dixion::reference {

/// An element of a tensor [batch, M, N] that lies by tiles' columns (docs/programming_model.md, "Tiles' columns").
struct HiddenPlace {
  std::size_t sample, token, column;
  std::size_t position;  ///< in elements, from the sample's first
};

/// All elements that have a place, in ascending order of their positions within a sample, sample by sample. `mask` is
/// [batch, M, words]; of the N = `columns` columns n and n + `bits` share a bit. `width`: tokens in a row of the
/// picture, 0: tiles are of tokens in order.
std::vector<HiddenPlace> hidden_places(const Tensor& mask, std::size_t columns, std::size_t bits, std::size_t width);

}  // namespace dixion::reference

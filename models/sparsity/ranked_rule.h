// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "models/sparsity/token_rule.h"

namespace dixion {

/// The default: a token is active if it changed by more than `threshold` times the mean and is among the `share` of
/// tokens that changed most; of equal ones the lower index counts as having changed more. All integers, exact.
class RankedRule final : public TokenRule {
 public:
  [[nodiscard]] const char* name() const override { return "ranked"; }
  [[nodiscard]] std::vector<bool> active(std::span<const std::uint64_t> change,
                                         const TokenSettings& settings) const override;
};

}  // namespace dixion

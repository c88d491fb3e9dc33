// SPDX-License-Identifier: Apache-2.0
/// TOKEN_DECISION (docs/numerics.md section 20): from two latents to the row list of the tokens that changed.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "models/common/accelerator_config.h"
#include "models/common/engine.h"
#include "models/common/mask_store.h"
#include "models/sparsity/token_rule.h"
#include "models/sparsity/token_source.h"

namespace dixion {

class TokenDecision {
 public:
  /// ConfigError if there is no such rule. `masks`: the lists of timing mode; null, or where it knows nothing of
  /// tokens: as the rule decides on made-up changes of the latent. Outlives this.
  explicit TokenDecision(const AcceleratorConfig& config, const MaskStore* masks = nullptr);

  [[nodiscard]] static CommandError check(const Command& command);
  /// With room for all tokens in the list; execute() and plan() tell the demand of those that are listed.
  [[nodiscard]] Demand demand(const Command& command) const;
  [[nodiscard]] CommandError execute(const Command& command, MemoryAccess& memory, Result& result) const;
  /// The same list as execute() would write if latents had changed as the made-up token source says.
  [[nodiscard]] CommandError plan(const Command& command, MemoryAccess& memory, Result& result) const;

 private:
  /// Of each sample's tokens by `changes` [samples * T].
  [[nodiscard]] std::vector<bool> decide(const Command& command, const std::vector<std::uint64_t>& changes,
                                         const TokenSettings& settings) const;
  /// The list of `active` [samples * T] tokens.
  [[nodiscard]] CommandError list(const Command& command, const std::vector<bool>& active, std::uint32_t generation,
                                  Result& result) const;

  AcceleratorConfig config_;
  const MaskStore* masks_;
  std::unique_ptr<TokenRule> rule_;
  StatisticalTokens made_up_;
};

}  // namespace dixion

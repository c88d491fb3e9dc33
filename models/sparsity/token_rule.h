// SPDX-License-Identifier: Apache-2.0
/// Which tokens TOKEN_DECISION lists (docs/numerics.md section 20). A rule sees how much each token's latent changed;
/// the measure itself, order, branches and the list are not its business (token_decision.h). To add one: derive from
/// TokenRule in a file of its own and add a line to token_rules() (docs/try_your_idea.md).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace dixion {

/// Immediates of the command.
struct TokenSettings {
  std::uint32_t threshold = 0;  ///< Q16, in units of the mean change; 0: none
  std::uint32_t share = 0;      ///< Q16, 0 to 65536, of tokens to list at most; 0: no limit
};

class TokenRule {
 public:
  virtual ~TokenRule() = default;
  /// How the rule is called in configurations.
  [[nodiscard]] virtual const char* name() const = 0;
  /// One entry per token of one sample, true for the active ones. `change` is below 2^45.
  [[nodiscard]] virtual std::vector<bool> active(std::span<const std::uint64_t> change,
                                                 const TokenSettings& settings) const = 0;
};

/// All rules; the first is the default.
[[nodiscard]] std::vector<std::unique_ptr<TokenRule>> token_rules();
/// By name; ConfigError at `key` names those there are.
[[nodiscard]] std::unique_ptr<TokenRule> make_token_rule(const std::string& key, const std::string& name);

}  // namespace dixion

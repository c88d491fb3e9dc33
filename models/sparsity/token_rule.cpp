// SPDX-License-Identifier: Apache-2.0
#include "models/sparsity/token_rule.h"

#include "models/common/check.h"
#include "models/sparsity/ranked_rule.h"

namespace dixion {

std::vector<std::unique_ptr<TokenRule>> token_rules() {
  std::vector<std::unique_ptr<TokenRule>> rules;
  rules.push_back(std::make_unique<RankedRule>());
  return rules;
}

std::unique_ptr<TokenRule> make_token_rule(const std::string& key, const std::string& name) {
  std::string known;
  for (auto& rule : token_rules()) {
    if (rule->name() == name) return std::move(rule);
    known += (known.empty() ? "" : ", ") + std::string(rule->name());
  }
  throw ConfigError(key, "unknown rule '" + name + "'; there are " + known);
}

}  // namespace dixion

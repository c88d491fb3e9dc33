// SPDX-License-Identifier: Apache-2.0
#include "models/sparsity/merge_rule.h"

#include "models/common/check.h"
#include "models/sparsity/first_fit_rule.h"
#include "models/sparsity/greedy_rule.h"

namespace dixion {

std::vector<std::unique_ptr<MergeRule>> merge_rules() {
  std::vector<std::unique_ptr<MergeRule>> rules;
  rules.push_back(std::make_unique<GreedyRule>());
  rules.push_back(std::make_unique<FirstFitRule>());
  return rules;
}

std::unique_ptr<MergeRule> make_merge_rule(const std::string& name) {
  std::string known;
  for (auto& rule : merge_rules()) {
    if (rule->name() == name) return std::move(rule);
    known += (known.empty() ? "" : ", ") + std::string(rule->name());
  }
  throw ConfigError("merge rule", "unknown rule '" + name + "'; there are " + known);
}

}  // namespace dixion

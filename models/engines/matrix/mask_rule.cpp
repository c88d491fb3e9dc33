// SPDX-License-Identifier: Apache-2.0
#include "models/engines/matrix/mask_rule.h"

#include "models/common/check.h"
#include "models/engines/matrix/threshold_rule.h"

namespace dixion {

std::vector<std::unique_ptr<MaskRule>> mask_rules() {
  std::vector<std::unique_ptr<MaskRule>> rules;
  rules.push_back(std::make_unique<ThresholdRule>());
  return rules;
}

std::string mask_rule_mistake(const std::string& name) {
  std::string known;
  for (const auto& rule : mask_rules()) {
    if (rule->name() == name) return "";
    known += (known.empty() ? "" : ", ") + std::string(rule->name());
  }
  return "'" + name + "' is none of " + known;
}

std::unique_ptr<MaskRule> make_mask_rule(const std::string& name) {
  for (auto& rule : mask_rules()) {
    if (rule->name() == name) return std::move(rule);
  }
  throw ConfigError("accelerator.mask_rule", mask_rule_mistake(name));
}

}  // namespace dixion

// SPDX-License-Identifier: Apache-2.0
/// Which keys each query keeps when ATTENTION_MARK makes a mask. A rule sees one query's softmax; whatever it keeps,
/// the key with the largest score is kept too, so that every query has one. To add one: derive from MaskRule in a file
/// of its own and add a line to mask_rules() (docs/try_your_idea.md).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace dixion {

/// Softmax of one query (docs/numerics.md sections 5 and 18).
struct QuerySoftmax {
  std::span<const std::int16_t> weights;  ///< e of each key, from 0
  std::int64_t sum = 0;                   ///< of all, at least 1
  std::uint32_t threshold = 0;            ///< of the command, Q16: what a workload's `threshold` says
};

/// Takes the keys that are kept.
class KeptKeys {
 public:
  /// Bits of `words` stand for 2^`shift` keys each.
  KeptKeys(std::uint32_t* words, unsigned shift) : words_(words), shift_(shift) {}
  void keep(std::size_t key) {
    const std::size_t bit = key >> shift_;
    words_[bit / 32] |= std::uint32_t{1} << bit % 32;
  }

 private:
  std::uint32_t* words_;
  unsigned shift_;
};

class MaskRule {
 public:
  virtual ~MaskRule() = default;
  /// How the rule is called in configurations: soc.accelerator.mask_rule.
  [[nodiscard]] virtual const char* name() const = 0;
  /// Calls kept.keep() for every key that is kept. Several threads call it at a time.
  virtual void mark(const QuerySoftmax& query, KeptKeys& kept) const = 0;
};

/// All rules; the first is the default.
[[nodiscard]] std::vector<std::unique_ptr<MaskRule>> mask_rules();
/// By name; ConfigError "accelerator.mask_rule".
[[nodiscard]] std::unique_ptr<MaskRule> make_mask_rule(const std::string& name);
/// What is wrong with the name; empty if nothing is.
[[nodiscard]] std::string mask_rule_mistake(const std::string& name);

}  // namespace dixion

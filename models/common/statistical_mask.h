// SPDX-License-Identifier: Apache-2.0
/// Made-up masks: bits drawn from a seed and drawn again, equal, whenever they are asked for. What each number means to
/// the bits is said in docs/sparsity.md, "Where masks come from".
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "models/common/mask_supply.h"

namespace dixion {

/// What masks of one kind look like. The defaults are no measurement: masks that keep everything.
struct MaskStatistics {
  double density = 1;  ///< expected share of 1s, 0 to 1; has no effect where a command says how many a row keeps
  unsigned row_skew =
      0;  ///< e: densities of a group's rows follow min(1, c u^e), u even over (0, 1); 0: all alike, to 64
  unsigned column_skew = 0;  ///< the same of the columns of a row
  double persistence = 0;    ///< share of the draws that a step takes over from the step before, 0 to 1
  double clustering = 0;     ///< share of the draws made once for a patch of tokens, 0 to 1
  unsigned patch = 4;        ///< side of a patch in tokens, 1 to 64
  double dominant = 0;       ///< kPredictedKeys: share of rows that keep one key only, 0 to 1
};

class StatisticalMask final : public MaskSource {
 public:
  /// Bits are a function of all arguments; of the request's tag only the step counts, of its shape groups and rows.
  StatisticalMask(const MaskStatistics& statistics, std::uint64_t seed, const MaskRequest& request);
  /// Keys, independent of each other.
  StatisticalMask(double density, std::uint64_t seed);

  void row(std::uint64_t number, std::size_t columns, std::uint32_t* words) const override;
  /// By kind, and how many the command keeps: a run has one law per kind. Beyond that one of kVariants, drawn per site
  /// and renewed from step to step as the bits are: masks a and b of a site have the same with the probability that
  /// their draws agree, or by chance.
  [[nodiscard]] std::uint64_t look() const override;
  static constexpr std::uint64_t kVariants = 4;

 private:
  /// A row's own draws, those of its patch, and how many of them become 1s.
  struct Row {
    std::uint64_t key, patch_key;
    double density;
  };
  /// What the key masks of a head make necessary.
  struct Needed {
    std::vector<std::uint32_t> projections[3];  // Q, K, V: a bit per token
  };

  [[nodiscard]] Row row_of(std::uint64_t group, std::uint64_t row, std::uint64_t rows) const;
  /// Four draws of 16 bits: columns 4 quad to 4 quad + 3.
  [[nodiscard]] std::uint64_t draws(std::uint64_t key, std::uint64_t quad) const;
  [[nodiscard]] std::uint64_t draws(const Row& row, std::uint64_t quad) const;
  void draw_row(const Row& row, std::uint64_t group, std::size_t columns, std::uint32_t* words) const;
  void key_row(std::uint64_t group, std::uint64_t number, std::size_t columns, std::uint32_t* words) const;
  void token_row(std::uint64_t sample, std::size_t columns, std::uint32_t* words) const;
  [[nodiscard]] const Needed& needed(std::uint64_t head, std::size_t tokens) const;
  [[nodiscard]] bool is_dominant(const Row& row) const;
  void weigh_columns(std::uint64_t group, std::size_t columns) const;

  MaskStatistics statistics_;
  MaskRequest request_;
  std::uint64_t key_, step_, renewed_, clustered_, dominant_;  // the last three are shares, in units of 2^-16
  mutable std::vector<double> weights_;                        // u^e of each column of group weighed_
  mutable std::uint64_t weighed_ = ~std::uint64_t{0};
  mutable std::map<std::uint64_t, Needed> needed_;
};

/// A law per kind.
class StatisticalMasks final : public MaskSupply {
 public:
  /// All kinds alike at first; tokens have no law.
  StatisticalMasks(double density, std::uint64_t seed) : seed_(seed) {
    for (MaskStatistics& law : laws_) law.density = density;
  }
  void set_tokens(const MaskStatistics& law) {
    laws_[static_cast<std::size_t>(MaskKind::kTokens)] = law;
    has_tokens_ = true;
  }
  /// kPredictedRows follows from kPredictedKeys and has none of its own.
  MaskStatistics& law(MaskKind kind) {
    return laws_[static_cast<std::size_t>(kind == MaskKind::kPredictedRows ? MaskKind::kPredictedKeys : kind)];
  }
  [[nodiscard]] std::unique_ptr<MaskSource> mask(const MaskRequest& request) const override {
    if (request.kind == MaskKind::kTokens && !has_tokens_) return nullptr;
    const MaskKind kind = request.kind == MaskKind::kPredictedRows ? MaskKind::kPredictedKeys : request.kind;
    return std::make_unique<StatisticalMask>(laws_[static_cast<std::size_t>(kind)], seed_, request);
  }

 private:
  std::uint64_t seed_;
  std::array<MaskStatistics, kMaskKinds> laws_{};
  bool has_tokens_ = false;
};

}  // namespace dixion

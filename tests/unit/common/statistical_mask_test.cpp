// SPDX-License-Identifier: Apache-2.0
/// Made-up masks against the laws of docs/sparsity.md, "Where masks come from".
#include "models/common/statistical_mask.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <vector>

#include <gtest/gtest.h>

#include "models/abi/tag.h"
#include "models/common/mask_bits.h"

namespace dixion::test::statistical_mask {
namespace {

constexpr std::uint32_t kSide = 16, kTokens = kSide * kSide, kColumns = 512, kGroups = 8;

MaskRequest request_of(MaskKind kind, std::uint32_t step = 0, std::uint32_t site = 0) {
  MaskRequest request;
  request.kind = kind;
  request.tag = dixion_tag(step, 3, 17);
  request.site = site;
  request.groups = kGroups;
  request.rows = kTokens;
  request.columns = kColumns;
  return request;
}

/// All rows, a byte per bit.
class Bits {
 public:
  Bits(const MaskSource& mask, std::size_t rows, std::size_t columns) : rows_(rows), columns_(columns) {
    std::vector<std::uint32_t> words(mask_words(columns));
    for (std::size_t row = 0; row < rows; ++row) {
      mask.row(row, columns, words.data());
      for (std::size_t j = 0; j < columns; ++j) bits_.push_back(words[j / 32] >> j % 32 & 1U);
    }
  }
  Bits(const MaskStatistics& law, const MaskRequest& request, std::uint64_t seed = 1)
      : Bits(StatisticalMask(law, seed, request), request.groups * request.rows, request.columns) {}

  [[nodiscard]] int at(std::size_t row, std::size_t column) const { return bits_[row * columns_ + column]; }
  [[nodiscard]] double density() const {
    return static_cast<double>(std::count(bits_.begin(), bits_.end(), 1)) / static_cast<double>(bits_.size());
  }
  [[nodiscard]] double row_density(std::size_t row) const {
    const auto begin = bits_.begin() + static_cast<std::ptrdiff_t>(row * columns_);
    return static_cast<double>(std::count(begin, begin + static_cast<std::ptrdiff_t>(columns_), 1)) /
           static_cast<double>(columns_);
  }
  [[nodiscard]] double column_density(std::size_t column, std::size_t first, std::size_t last) const {
    double sum = 0;
    for (std::size_t row = first; row < last; ++row) sum += at(row, column);
    return sum / static_cast<double>(last - first);
  }
  /// Share of elements that are equal.
  [[nodiscard]] double agreement(const Bits& other) const {
    std::size_t equal = 0;
    for (std::size_t i = 0; i < bits_.size(); ++i) equal += bits_[i] == other.bits_[i];
    return static_cast<double>(equal) / static_cast<double>(bits_.size());
  }
  bool operator==(const Bits&) const = default;

 private:
  std::size_t rows_, columns_;
  std::vector<int> bits_;
};

/// Mean of min(1, c u^e) over the quantiles from `low` to `high` of u, by its own sum.
double law_mean(double density, unsigned skew, double low, double high) {
  const double e = skew;
  double c = density * (e + 1);
  if (c > 1) {  // bisection: the mean over all u is the density
    double below = 1, above = 1e9;
    for (int i = 0; i < 200; ++i) {
      const double middle = std::sqrt(below * above), cut = std::pow(1 / middle, 1 / e);
      const double mean = middle * std::pow(cut, e + 1) / (e + 1) + 1 - cut;
      (mean < density ? below : above) = middle;
    }
    c = below;
  }
  double sum = 0;
  constexpr int kParts = 10000;
  for (int i = 0; i < kParts; ++i) {
    sum += std::min(1.0, c * std::pow(low + (high - low) * (i + 0.5) / kParts, e));
  }
  return sum / kParts;
}

/// Three standard deviations of the share of 1s among independent bits.
double three_sigma(double density, double bits) { return 3 * std::sqrt(density * (1 - density) / bits); }

constexpr double kElements = 1.0 * kGroups * kTokens * kColumns;

TEST(StatisticalMask, DensityIsWithinThreeSigmaUnderEverySkew) {
  for (const double density : {0.03, 0.2, 0.7}) {
    for (const unsigned skew : {0U, 2U, 8U}) {
      for (const bool rows : {false, true}) {
        MaskStatistics law;
        law.density = density;
        (rows ? law.row_skew : law.column_skew) = skew;
        const Bits bits(law, request_of(MaskKind::kElements));
        // Bits of unlike probabilities vary less than those of one. Draws have 16 bits: 2^-17 off at most.
        EXPECT_NEAR(bits.density(), density, three_sigma(density, kElements) + 1.0 / 131072) << density << ' ' << skew;
      }
    }
  }
  EXPECT_EQ(Bits({1}, request_of(MaskKind::kElements)).density(), 1);
  EXPECT_EQ(Bits({0}, request_of(MaskKind::kElements)).density(), 0);
}

TEST(StatisticalMask, SkewedRowsAndColumnsFollowTheirLaw) {
  for (const double density : {0.05, 0.4}) {  // below and above the density from which the law is cut
    MaskStatistics law;
    law.density = density;
    law.column_skew = 4;
    const Bits columns(law, request_of(MaskKind::kElements));
    std::vector<double> shares;
    for (std::size_t j = 0; j < kColumns; ++j) shares.push_back(columns.column_density(j, 0, kGroups * kTokens));
    std::sort(shares.begin(), shares.end());
    law.column_skew = 0;
    law.row_skew = 4;
    const Bits rows(law, request_of(MaskKind::kElements));
    std::vector<double> row_shares;
    for (std::size_t i = 0; i < kTokens; ++i) row_shares.push_back(rows.row_density(i));
    std::sort(row_shares.begin(), row_shares.end());
    for (int quarter = 0; quarter < 4; ++quarter) {
      const double expected = law_mean(density, 4, quarter / 4.0, (quarter + 1) / 4.0);
      double mean = 0, row_mean = 0;
      for (std::size_t j = 0; j < kColumns / 4; ++j) mean += shares[kColumns / 4 * quarter + j] / (kColumns / 4);
      for (std::size_t i = 0; i < kTokens / 4; ++i) row_mean += row_shares[kTokens / 4 * quarter + i] / (kTokens / 4);
      // Sorting moves a little of the noise from low to high quarters.
      EXPECT_NEAR(mean, expected, 0.005) << density << ' ' << quarter;
      EXPECT_NEAR(row_mean, expected, 0.012) << density << ' ' << quarter;
    }
  }
}

TEST(StatisticalMask, KeysOfEachHeadHaveColumnsOfTheirOwnElementsShareThem) {
  MaskStatistics law{0.05};
  law.column_skew = 8;
  const auto busiest = [](const Bits& bits, std::size_t group) {
    std::size_t best = 0;
    for (std::size_t j = 0; j < kColumns; ++j) {
      const auto share = [&](std::size_t c) { return bits.column_density(c, group * kTokens, (group + 1) * kTokens); };
      if (share(j) > share(best)) best = j;
    }
    return best;
  };
  const Bits keys(law, request_of(MaskKind::kKeys)), elements(law, request_of(MaskKind::kElements));
  const std::size_t hot = busiest(elements, 0), hot_key = busiest(keys, 0);
  for (std::size_t group = 1; group < kGroups; ++group) {
    EXPECT_GT(elements.column_density(hot, group * kTokens, (group + 1) * kTokens), 0.3);
    EXPECT_NE(busiest(keys, group), hot_key);
  }
}

TEST(StatisticalMask, PersistenceIsTheShareOfDrawsThatAStepTakesOver) {
  MaskStatistics law;
  law.density = 0.3;
  const double by_chance = 0.3 * 0.3 + 0.7 * 0.7;
  for (const double persistence : {0.0, 0.6, 0.9, 1.0}) {
    law.persistence = persistence;
    for (const std::uint32_t start : {0U, 37U}) {
      const Bits first(law, request_of(MaskKind::kElements, start));
      for (const std::uint32_t later : {1U, 2U, 8U}) {
        // Every draw has its turn once in 1 / (1 - persistence) steps.
        const double kept = std::max(0.0, 1 - later * (1 - persistence));
        const Bits second(law, request_of(MaskKind::kElements, start + later));
        EXPECT_NEAR(first.agreement(second), kept + (1 - kept) * by_chance, 0.003) << persistence << ' ' << later;
        EXPECT_NEAR(second.density(), 0.3, three_sigma(0.3, kElements) + 1.0 / 131072);
      }
    }
  }
}

// What is worked out once per look stands for all masks of that look.
TEST(StatisticalMask, LooksAreSpreadOverPlacesAndRenewedAsDrawsAre) {
  constexpr std::uint32_t kPlaces = 200, kSteps = 40;
  MaskStatistics law;
  law.density = 0.3;
  for (const double persistence : {0.0, 0.9, 1.0}) {
    law.persistence = persistence;
    std::map<std::uint64_t, int> places;
    int same = 0;
    for (std::uint32_t site = 0; site < kPlaces; ++site) {
      const auto look = [&](std::uint32_t step) {
        return StatisticalMask(law, 1, request_of(MaskKind::kElements, step, site)).look();
      };
      ++places[look(0)];
      for (std::uint32_t step = 1; step < kSteps; ++step) same += look(step) == look(step - 1);
    }
    ASSERT_EQ(places.size(), StatisticalMask::kVariants);
    const double by_chance = 1. / StatisticalMask::kVariants, steps = kPlaces * (kSteps - 1);
    for (const auto& [look, count] : places) {
      EXPECT_NEAR(count, kPlaces * by_chance, 3 * std::sqrt(kPlaces * by_chance * (1 - by_chance))) << look;
    }
    const double expected = persistence + (1 - persistence) * by_chance;
    EXPECT_NEAR(same / steps, expected, three_sigma(expected, static_cast<std::size_t>(steps)) + 1e-12);
  }
}

TEST(StatisticalMask, LooksTellKindsAndCountsApart) {
  std::set<std::uint64_t> looks;
  for (std::size_t kind = 0; kind < kMaskKinds; ++kind) {
    for (const std::uint32_t kept : {0U, 1U, 300U}) {
      MaskRequest request = request_of(static_cast<MaskKind>(kind));
      request.kept = kept;
      for (request.all_keys = false;; request.all_keys = true) {
        looks.insert(StatisticalMask({0.3}, 1, request).look());
        if (request.all_keys) break;
      }
    }
  }
  EXPECT_EQ(looks.size(), kMaskKinds * 3 * 2);
}

TEST(StatisticalMask, ClusteredTokensOfAPatchAgree) {
  MaskStatistics law;
  law.density = 0.3;
  law.clustering = 0.8;
  const Bits bits(law, request_of(MaskKind::kElements));
  const auto both = [&](std::size_t a, std::size_t b) {  // share of columns in which both tokens have a 1
    double sum = 0;
    for (std::size_t group = 0; group < kGroups; ++group) {
      for (std::size_t j = 0; j < kColumns; ++j)
        sum += bits.at(group * kTokens + a, j) & bits.at(group * kTokens + b, j);
    }
    return sum / (kGroups * kColumns);
  };
  const double together = 0.8 * 0.8 * 0.3 + (1 - 0.8 * 0.8) * 0.3 * 0.3;
  const double tolerance = three_sigma(together, kGroups * kColumns);
  EXPECT_NEAR(both(0, 3 * kSide + 3), together, tolerance);  // corners of a patch of 4 x 4
  EXPECT_NEAR(both(0, kSide), together, tolerance);
  EXPECT_NEAR(both(3, 4), 0.3 * 0.3, tolerance);  // neighbours in two patches
  EXPECT_NEAR(both(0, 4 * kSide), 0.3 * 0.3, tolerance);
}

TEST(StatisticalMask, BitsDependOnSeedPlaceAndStepOnly) {
  MaskStatistics law;
  law.density = 0.3;
  law.column_skew = 2;
  law.persistence = 0.5;
  MaskRequest request = request_of(MaskKind::kKeys, 4, 2);
  const Bits bits(law, request);
  EXPECT_EQ(bits, Bits(law, request));
  MaskRequest other = request;
  other.tag = dixion_tag(4, 9, 99);
  other.opcode = 7;
  other.operand = 5;
  other.ordinal = 3;
  EXPECT_EQ(bits, Bits(law, other)) << "who made it is of no importance";
  EXPECT_FALSE(bits == Bits(law, request, 2)) << "another seed";
  other = request;
  other.site = 3;
  EXPECT_FALSE(bits == Bits(law, other)) << "another place";
  other = request;
  other.tag = dixion_tag(5, 3, 17);
  EXPECT_FALSE(bits == Bits(law, other)) << "another step";
  // Rows asked for alone and backwards are the same.
  const StatisticalMask mask(law, 1, request);
  std::vector<std::uint32_t> words(mask_words(kColumns));
  for (std::size_t row = kGroups * kTokens; row-- > 0;) {
    mask.row(row, kColumns, words.data());
    for (std::size_t j = 0; j < kColumns; ++j) ASSERT_EQ(words[j / 32] >> j % 32 & 1U, bits.at(row, j)) << row;
  }
}

TEST(StatisticalMask, EveryQueryKeepsAKeyAndPredictedOnesAsManyAsTheCommandSays) {
  const Bits keys({0.001}, request_of(MaskKind::kKeys));
  for (std::size_t row = 0; row < kGroups * kTokens; ++row) EXPECT_GT(keys.row_density(row), 0) << row;

  MaskStatistics law;
  law.density = 0.9;
  law.column_skew = 3;
  law.dominant = 0.25;
  MaskRequest request = request_of(MaskKind::kPredictedKeys);
  request.columns = kTokens;
  request.kept = 40;
  const Bits predicted(law, request);
  std::size_t one = 0;
  for (std::size_t row = 0; row < kGroups * kTokens; ++row) {
    const double kept = predicted.row_density(row) * kTokens;
    if (kept == 1) {
      ++one;
    } else {
      EXPECT_EQ(kept, 40) << row;
    }
  }
  EXPECT_NEAR(static_cast<double>(one) / (kGroups * kTokens), 0.25, three_sigma(0.25, kGroups * kTokens));
}

TEST(StatisticalMask, ProjectionsNeededFollowFromPredictedKeys) {
  constexpr std::uint32_t kHeads = kGroups / 2;
  MaskStatistics law;
  law.column_skew = 12;
  law.dominant = 0.4;
  MaskRequest request = request_of(MaskKind::kPredictedKeys, 6, 5);
  request.columns = kTokens;
  request.kept = 6;
  const Bits keys(law, request);
  MaskRequest rows = request;
  rows.kind = MaskKind::kPredictedRows;
  rows.groups = 2;
  rows.rows = 3 * kHeads;
  const Bits needed(law, rows);
  unsigned left_out[3] = {};
  for (std::size_t head = 0; head < kGroups; ++head) {
    const std::size_t first = head / kHeads * 3 * kHeads + head % kHeads;
    for (std::size_t token = 0; token < kTokens; ++token) {
      int key = 0, value = 0;
      for (std::size_t query = head * kTokens; query < (head + 1) * kTokens; ++query) {
        value |= keys.at(query, token);
        if (keys.row_density(query) * kTokens > 1) key |= keys.at(query, token);
      }
      const int query_needed = keys.row_density(head * kTokens + token) * kTokens > 1;
      const int expected[3] = {query_needed, key, value};
      for (std::size_t part = 0; part < 3; ++part) {
        ASSERT_EQ(needed.at(first + part * kHeads, token), expected[part]) << head << ' ' << token << ' ' << part;
        left_out[part] += expected[part] == 0;
      }
    }
  }
  for (const unsigned count : left_out) EXPECT_GT(count, 0U);
  EXPECT_GT(left_out[1], left_out[2]);

  rows.all_keys = true;
  const Bits refreshed(law, rows);
  EXPECT_EQ(refreshed.column_density(7, kHeads, 3 * kHeads), 1);
  EXPECT_EQ(refreshed.row_density(0), needed.row_density(0));
}

TEST(StatisticalMask, TokensOfASampleAreDrawnInPatches) {
  MaskStatistics law{0.4};
  law.clustering = 1;
  StatisticalMasks masks(0.4, 9);
  EXPECT_EQ(masks.mask(request_of(MaskKind::kTokens)), nullptr) << "tokens have no law unless one is set";
  masks.set_tokens(law);
  MaskRequest request = request_of(MaskKind::kTokens);
  request.groups = 1;
  request.rows = 64;  // samples
  const Bits bits(*masks.mask(request), 64, kTokens);
  EXPECT_NEAR(bits.density(), 0.4, three_sigma(0.4, 64 * 16));  // 16 patches each
  for (std::size_t sample = 0; sample < 64; ++sample) {
    for (std::size_t token = 0; token < kTokens; ++token) {
      const std::size_t corner = token / kSide / 4 * 4 * kSide + token % kSide / 4 * 4;
      ASSERT_EQ(bits.at(sample, token), bits.at(sample, corner)) << sample << ' ' << token;
    }
  }
  request.kept = 100;
  const Bits exact(*masks.mask(request), 64, kTokens);
  for (std::size_t sample = 0; sample < 64; ++sample) EXPECT_EQ(exact.row_density(sample) * kTokens, 100);
}

}  // namespace
}  // namespace dixion::test::statistical_mask

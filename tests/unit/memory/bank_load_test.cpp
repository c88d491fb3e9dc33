// SPDX-License-Identifier: Apache-2.0
/// How evenly the maps spread words, against closed forms and a table of known conflicts.
#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include "models/memory/bank_map.h"
#include "models/memory/prime_map.h"

namespace dixion {
namespace {

/// SplitMix64 from a fixed seed.
class Random {
 public:
  std::uint64_t next() {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }

 private:
  std::uint64_t state_ = 20261125;
};

struct Loads {
  double mean = 0;
  double deviation = 0;  ///< of one batch
  unsigned worst = 0;
};

/// Busiest bank of `batches` batches of `words` words; `word(batch, i)` gives them.
template <typename Word>
Loads busiest(const BankMap& map, unsigned batches, unsigned words, Word word) {
  double sum = 0;
  double squares = 0;
  Loads result;
  std::vector<unsigned> load(map.banks());
  for (unsigned batch = 0; batch < batches; ++batch) {
    std::fill(load.begin(), load.end(), 0U);
    unsigned most = 0;
    for (unsigned i = 0; i < words; ++i) most = std::max(most, ++load[map.bank_of(word(batch, i))]);
    sum += most;
    squares += static_cast<double>(most) * most;
    result.worst = std::max(result.worst, most);
  }
  result.mean = sum / batches;
  result.deviation = std::sqrt(std::max(0.0, squares / batches - result.mean * result.mean));
  return result;
}

/// Expected busiest bank of `words` independent uniform words: sum over k of 1 - P(max <= k), where P(max <= k) is
/// words! / banks^words times the coefficient of x^words in (sum of x^i / i!, i <= k)^banks.
double expected_busiest(unsigned words, unsigned banks) {
  double expected = 0;
  for (unsigned k = 0; k < words; ++k) {
    // Coefficients scaled by i! / banks^i on the way: probability that i words fall in the banks so far, all loads <=
    // k.
    std::vector<double> ways(words + 1);
    ways[0] = 1;
    for (unsigned bank = 1; bank <= banks; ++bank) {
      for (unsigned i = words; i != ~0U; --i) {
        double sum = 0;
        double term = 1;  // C(i, j) / banks^j
        for (unsigned j = 0; j <= std::min(i, k); ++j) {
          sum += term * ways[i - j];
          term *= static_cast<double>(i - j) / (j + 1) / banks;
        }
        ways[i] = sum;
      }
    }
    expected += 1 - ways[words];
  }
  return expected;
}

TEST(BankLoad, ClosedFormGivesTheKnownAnchors) {
  EXPECT_NEAR(expected_busiest(4, 4), 2.125, 0.0005);
  EXPECT_NEAR(expected_busiest(16, 16), 3.078, 0.0005);
  EXPECT_NEAR(expected_busiest(64, 64), 3.958, 0.0005);
  EXPECT_NEAR(expected_busiest(32, 64), 2.722, 0.0005);
  EXPECT_NEAR(expected_busiest(64, 16), 7.880, 0.0005);
}

TEST(BankLoad, RandomWordsLoadTheBusiestBankAsExpected) {
  constexpr unsigned kBatches = 10000;
  for (const unsigned banks : {16U, 32U, 64U}) {
    for (const unsigned words : {banks / 2, banks, 2 * banks}) {
      const double expected = expected_busiest(words, banks);
      for (const char* const kind : {"interleave", "xor", "ipoly"}) {
        const auto map = make_bank_map(kind, banks);
        Random random;
        const Loads loads = busiest(*map, kBatches, words, [&](unsigned, unsigned) { return random.next(); });
        EXPECT_NEAR(loads.mean, expected, 3 * loads.deviation / std::sqrt(kBatches))
            << map->name() << ", " << words << " words, " << banks << " banks";
      }
    }
  }
}

/// Known mean and worst load of the busiest bank when as many words as there are banks lie `stride` apart, over 512
/// random bases; means are rounded to a tenth.
struct Known {
  double mean;
  unsigned worst;
};
struct Row {
  std::uint64_t stride;
  Known loads[3][4];  ///< 16, 32, 64 banks; interleave, xor, ipoly, modulo 17, 31, 61
};

const Row kTable[] = {
    {1,
     {{{1, 1}, {1.6, 2}, {1.8, 2}, {1, 1}},
      {{1, 1}, {1.7, 2}, {1.9, 2}, {2, 2}},
      {{1, 1}, {1.7, 2}, {1.8, 2}, {2, 2}}}},
    {16,
     {{{16, 16}, {1.7, 2}, {1.8, 2}, {1, 1}},
      {{16, 16}, {1.7, 2}, {1.9, 2}, {2, 2}},
      {{16, 16}, {1.7, 2}, {1.8, 2}, {2, 2}}}},
    {64,
     {{{16, 16}, {1.6, 2}, {1.8, 2}, {1, 1}},
      {{32, 32}, {1.6, 2}, {1.9, 2}, {2, 2}},
      {{64, 64}, {1.6, 2}, {1.8, 2}, {2, 2}}}},
    {3,
     {{{1, 1}, {3.0, 4}, {2.3, 3}, {1, 1}},
      {{1, 1}, {3.0, 4}, {2.8, 4}, {2, 2}},
      {{1, 1}, {3.2, 4}, {2.3, 3}, {2, 2}}}},
    {15,
     {{{1, 1}, {6.1, 16}, {4.0, 7}, {1, 1}},
      {{1, 1}, {2.5, 3}, {2.8, 4}, {2, 2}},
      {{1, 1}, {4.0, 5}, {3.0, 4}, {2, 2}}}},
    {17,
     {{{1, 1}, {6.2, 16}, {4.0, 6}, {16, 16}},
      {{1, 1}, {2.2, 4}, {3.2, 5}, {2, 2}},
      {{1, 1}, {3.5, 5}, {3.1, 5}, {2, 2}}}},
    {31,
     {{{1, 1}, {2.2, 3}, {3.0, 5}, {1, 1}},
      {{1, 1}, {9.8, 31}, {2.8, 4}, {32, 32}},
      {{1, 1}, {2.2, 3}, {2.5, 4}, {2, 2}}}},
    {33,
     {{{1, 1}, {2.3, 4}, {3.3, 6}, {1, 1}},
      {{1, 1}, {9.9, 32}, {2.8, 5}, {2, 2}},
      {{1, 1}, {2.6, 4}, {2.6, 4}, {2, 2}}}},
    {72,
     {{{8, 8}, {2.5, 4}, {2.6, 4}, {1, 1}},
      {{8, 8}, {2.8, 4}, {4.3, 8}, {2, 2}},
      {{8, 8}, {7.3, 10}, {4.0, 5}, {2, 2}}}},
    {144,
     {{{16, 16}, {2.5, 4}, {2.5, 4}, {1, 1}},
      {{16, 16}, {2.8, 4}, {4.3, 8}, {2, 2}},
      {{16, 16}, {7.4, 10}, {4.0, 5}, {2, 2}}}},
    {576,
     {{{16, 16}, {2.5, 4}, {2.6, 4}, {1, 1}},
      {{32, 32}, {2.8, 3}, {4.6, 8}, {2, 2}},
      {{64, 64}, {7.4, 10}, {3.9, 5}, {2, 2}}}},
    {1152,
     {{{16, 16}, {2.5, 4}, {2.5, 3}, {1, 1}},
      {{32, 32}, {2.7, 3}, {4.65, 8}, {2, 2}},
      {{64, 64}, {7.7, 10}, {4.1, 5}, {2, 2}}}},
    {4608,
     {{{16, 16}, {2.5, 4}, {2.4, 3}, {1, 1}},
      {{32, 32}, {2.9, 3}, {4.65, 7}, {2, 2}},
      {{64, 64}, {8.2, 10}, {4.5, 5}, {2, 2}}}},
};

// Bases of our own below 2^14, a range in which strides that cross the digits of the fold meet the known means: both
// means are samples.
TEST(BankLoad, StridesConflictAsKnown) {
  constexpr unsigned kBases = 4096;
  constexpr double kRounding = 0.05;
  for (unsigned size = 0; size < 3; ++size) {
    const unsigned banks = 16U << size;
    std::unique_ptr<BankMap> maps[] = {make_bank_map("interleave", banks), make_bank_map("xor", banks),
                                       make_bank_map("ipoly", banks),
                                       std::make_unique<PrimeMap>(banks, size == 0   ? 17
                                                                         : size == 1 ? 31
                                                                                     : 61)};
    for (const Row& row : kTable) {
      for (unsigned m = 0; m < 4; ++m) {
        Random random;
        std::vector<std::uint64_t> bases(kBases);
        for (std::uint64_t& base : bases) base = random.next() % (1U << 14);
        const Loads loads =
            busiest(*maps[m], kBases, banks, [&](unsigned batch, unsigned i) { return bases[batch] + i * row.stride; });
        const Known& known = row.loads[size][m];
        const double error = loads.deviation * std::sqrt(1.0 / 512 + 1.0 / kBases);
        EXPECT_NEAR(loads.mean, known.mean, 3 * error + kRounding)
            << maps[m]->name() << ", " << banks << " banks, stride " << row.stride;
        EXPECT_GE(loads.worst, known.worst) << maps[m]->name() << ", " << banks << " banks, stride " << row.stride;
        EXPECT_LE(loads.worst, known.worst + 1) << maps[m]->name() << ", " << banks << " banks, stride " << row.stride;
      }
    }
  }
}

}  // namespace
}  // namespace dixion

// SPDX-License-Identifier: Apache-2.0
#include "models/common/statistical_mask.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "models/abi/tag.h"
#include "models/common/mask_bits.h"

namespace dixion {
namespace {

static_assert(kMaskKinds <= 8 && StatisticalMask::kVariants <= 16, "they share the low byte of a look");
constexpr std::uint64_t kOne = 65536;  // draws have 16 bits
// What else is drawn by a row's key, besides the draws of its columns; kLook by the mask's.
constexpr std::uint64_t kPhases = 0x517cc1b727220a95U, kChoices = 0x2545f4914f6cdd1dU, kStart = 0x9e6c63d0876a9a47U,
                        kLook = 0x6a09e667f3bcc908U;
constexpr std::uint64_t kRowQuad = std::uint64_t{1}
                                   << 48;  // a quad of columns that no mask has: draws of the row itself

/// The output function of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
std::uint64_t scramble(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15U;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
  return x ^ (x >> 31);
}

std::uint64_t share(double value) { return static_cast<std::uint64_t>(value * static_cast<double>(kOne) + 0.5); }

std::uint64_t lane(std::uint64_t quad, std::uint64_t column) { return quad >> (column % 4 * 16) & (kOne - 1); }

void keep(std::uint32_t* words, std::uint64_t column) {
  words[column / kMaskWordBits] |= std::uint32_t{1} << column % kMaskWordBits;
}

bool keeps(const std::uint32_t* words, std::uint64_t column) {
  return (words[column / kMaskWordBits] >> column % kMaskWordBits & 1U) != 0;
}

/// A permutation of 0 to n - 1: rounds of a bijection on the next power of two, until the result is in range.
std::uint64_t permuted(std::uint64_t i, std::uint64_t n, std::uint64_t key) {
  unsigned bits = 1;
  while (std::uint64_t{1} << bits < n) ++bits;
  const std::uint64_t low = (std::uint64_t{1} << bits) - 1;
  do {
    for (unsigned round = 0; round < 4; ++round) {
      const std::uint64_t k = scramble(key + round);
      i = (i * (k | 1) + (k >> 32)) & low;
      i ^= i >> (bits / 2 + 1);
    }
  } while (i >= n);
  return i;
}

double power(double u, unsigned exponent) {
  double result = 1;
  for (unsigned i = 0; i < exponent; ++i) result *= u;  // not pow(): its last bit differs between libraries
  return result;
}

/// c of min(1, c u^e), of which the mean over u is `density`.
double scale_of(double density, unsigned skew) {
  const double e = skew;
  if (skew == 0 || density * (e + 1) <= 1) return density * (e + 1);
  const double top = (1 - density) * (e + 1) / e;  // from here on the law is cut at 1
  return top > 0 ? 1 / power(top, skew) : std::numeric_limits<double>::infinity();
}

double middle(std::uint64_t rank, std::uint64_t count) {
  return (static_cast<double>(rank) + 0.5) / static_cast<double>(count);
}

/// Side of the square that so many tokens form; 0: they form none.
std::uint64_t side_of(std::uint64_t tokens) {
  std::uint64_t side = 1;
  while (side * side < tokens) ++side;
  return side * side == tokens ? side : 0;
}

/// Tokens that form no square stand in a row, and a patch is as many of them.
std::uint64_t patch_of(std::uint64_t token, std::uint64_t tokens, std::uint64_t patch) {
  const std::uint64_t side = side_of(tokens);
  if (side == 0) return token / (patch * patch);
  return token / side / patch * side + token % side / patch;
}

/// Adds or takes away 1s until there are `wanted`, at places that `key` says.
void keep_exactly(std::uint64_t wanted, std::uint64_t key, std::size_t columns, std::uint32_t* words) {
  const bool add = kept_keys(words, columns) < wanted;
  std::uint64_t missing = add ? wanted - kept_keys(words, columns) : kept_keys(words, columns) - wanted;
  std::uint64_t stride = columns * 5 / 8 + 1;
  while (std::gcd(stride, columns) != 1) ++stride;
  std::uint64_t column = key % columns;
  for (; missing > 0; column = (column + stride) % columns) {
    if (keeps(words, column) == add) continue;
    words[column / kMaskWordBits] ^= std::uint32_t{1} << column % kMaskWordBits;
    --missing;
  }
}

/// Only the first 1 from `start` on, round the end, stays; without any, `start` becomes one.
void keep_one(std::uint64_t start, std::size_t columns, std::uint32_t* words) {
  std::uint64_t column = start;
  while (!keeps(words, column)) {
    column = (column + 1) % columns;
    if (column == start) break;
  }
  std::fill_n(words, mask_words(columns), 0U);
  keep(words, column);
}

}  // namespace

StatisticalMask::StatisticalMask(const MaskStatistics& statistics, std::uint64_t seed, const MaskRequest& request)
    : statistics_(statistics),
      request_(request),
      // Keys and the rows they make necessary are draws of one kind.
      key_(scramble(
          seed ^ scramble(std::uint64_t{request.site} << 8 |
                          static_cast<std::uint64_t>(request.kind == MaskKind::kPredictedRows ? MaskKind::kPredictedKeys
                                                                                              : request.kind)))),
      step_(dixion_tag_step(request.tag) == DIXION_TAG_STEP_NONE ? 0 : dixion_tag_step(request.tag)),
      renewed_(share(1 - statistics.persistence)),
      clustered_(share(statistics.clustering)),
      dominant_(share(statistics.dominant)) {}

StatisticalMask::StatisticalMask(double density, std::uint64_t seed)
    : StatisticalMask({density}, seed, [] {
        MaskRequest request;
        request.rows = std::numeric_limits<std::uint64_t>::max();
        return request;
      }()) {}

void StatisticalMask::row(std::uint64_t number, std::size_t columns, std::uint32_t* words) const {
  std::fill_n(words, mask_words(columns), 0U);
  const std::uint64_t group = number / request_.rows, row = number % request_.rows;
  switch (request_.kind) {
    case MaskKind::kKeys:
    case MaskKind::kPredictedKeys:
      key_row(group, row, columns, words);
      return;
    case MaskKind::kElements:
      draw_row(row_of(group, row, request_.rows), 0, columns, words);  // samples agree in which elements matter
      return;
    case MaskKind::kTokens:
      token_row(number, columns, words);
      return;
    case MaskKind::kPredictedRows:
      const std::uint64_t heads = std::max<std::uint64_t>(request_.rows / 3, 1);
      const auto& bits =
          needed(group * heads + row % heads, columns).projections[std::min<std::uint64_t>(row / heads, 2)];
      std::copy(bits.begin(), bits.end(), words);
      return;
  }
}

std::uint64_t StatisticalMask::look() const {
  const std::uint64_t variant = lane(draws(scramble(key_ ^ kLook), 0), 0) * kVariants / kOne;
  return std::uint64_t{request_.kept} << 8 | variant << 4 | static_cast<std::uint64_t>(request_.kind) << 1 |
         (request_.all_keys ? 1 : 0);
}

StatisticalMask::Row StatisticalMask::row_of(std::uint64_t group, std::uint64_t row, std::uint64_t rows) const {
  const std::uint64_t group_key = scramble(key_ + group);
  Row result{scramble(group_key ^ row), 0, statistics_.density};
  if (clustered_ > 0) result.patch_key = scramble(~group_key ^ patch_of(row, rows, statistics_.patch));
  if (request_.kept > 0) {
    result.density = std::min(1.0, static_cast<double>(request_.kept) / static_cast<double>(request_.columns));
  } else if (statistics_.row_skew > 0) {
    const double u = middle(permuted(row, rows, group_key), rows);
    result.density =
        std::min(1.0, scale_of(statistics_.density, statistics_.row_skew) * power(u, statistics_.row_skew));
  }
  return result;
}

// A draw is made anew when step x renewed + phase passes a multiple of one: each takes its turn, 1 / renewed steps
// apart.
std::uint64_t StatisticalMask::draws(std::uint64_t key, std::uint64_t quad) const {
  const auto drawn = [&](std::uint64_t epoch) { return scramble(scramble(key + quad) ^ epoch * kPhases); };
  const std::uint64_t now = step_ * renewed_;
  if (renewed_ == 0 || renewed_ == kOne) return drawn(now / kOne);
  const std::uint64_t phases = scramble((key ^ kPhases) + quad);
  const std::uint64_t before = drawn(now / kOne), after = drawn(now / kOne + 1);
  std::uint64_t result = 0;
  for (std::uint64_t i = 0; i < 4; ++i) {
    const bool renewed = now % kOne + lane(phases, i) >= kOne;
    result |= lane(renewed ? after : before, i) << (i * 16);
  }
  return result;
}

std::uint64_t StatisticalMask::draws(const Row& row, std::uint64_t quad) const {
  const std::uint64_t own = draws(row.key, quad);
  if (clustered_ == 0) return own;
  const std::uint64_t choices = scramble((row.key ^ kChoices) + quad), common = draws(row.patch_key, quad);
  std::uint64_t result = 0;
  for (std::uint64_t i = 0; i < 4; ++i) result |= lane(lane(choices, i) < clustered_ ? common : own, i) << (i * 16);
  return result;
}

void StatisticalMask::weigh_columns(std::uint64_t group, std::size_t columns) const {
  if (weighed_ == group && weights_.size() == columns) return;
  weights_.resize(columns);
  const std::uint64_t key = scramble(~key_ + group);
  for (std::size_t j = 0; j < columns; ++j) {
    weights_[j] = power(middle(permuted(j, columns, key), columns), statistics_.column_skew);
  }
  weighed_ = group;
}

void StatisticalMask::draw_row(const Row& row, std::uint64_t group, std::size_t columns, std::uint32_t* words) const {
  const unsigned skew = statistics_.column_skew;
  if (skew > 0) weigh_columns(group, columns);
  const double scale = scale_of(row.density, skew);
  const std::uint64_t limit = share(std::min(1.0, scale));
  for (std::size_t quad = 0; quad * 4 < columns; ++quad) {
    const std::uint64_t values = draws(row, quad);
    for (std::size_t j = quad * 4; j < std::min(columns, quad * 4 + 4); ++j) {
      if (lane(values, j) < (skew == 0 ? limit : share(std::min(1.0, scale * weights_[j])))) keep(words, j);
    }
  }
}

void StatisticalMask::key_row(std::uint64_t group, std::uint64_t number, std::size_t columns,
                              std::uint32_t* words) const {
  // Tokens attend to themselves where keys are predicted; the request may be for their projections.
  const Row row = row_of(group, number, request_.kind == MaskKind::kKeys ? request_.rows : columns);
  draw_row(row, group, columns, words);
  const std::uint64_t start = scramble(row.key ^ kStart);
  if (!is_dominant(row) && request_.kept > 0) {
    keep_exactly(std::min<std::uint64_t>(request_.kept, columns), start, columns, words);
  } else if (is_dominant(row) || kept_keys(words, columns) == 0) {
    keep_one(start % columns, columns, words);
  }
}

void StatisticalMask::token_row(std::uint64_t sample, std::size_t columns, std::uint32_t* words) const {
  for (std::size_t token = 0; token < columns; ++token) {
    const Row row = row_of(sample, token, columns);
    if (lane(draws(row, 0), 0) < share(row.density)) keep(words, token);
  }
  if (request_.kept > 0) {
    keep_exactly(std::min<std::uint64_t>(request_.kept, columns), scramble(key_ ^ kStart), columns, words);
  }
}

bool StatisticalMask::is_dominant(const Row& row) const {
  return request_.kind != MaskKind::kKeys && dominant_ > 0 && lane(draws(row.key, kRowQuad), 0) < dominant_;
}

// Stops where more rows can change nothing.
const StatisticalMask::Needed& StatisticalMask::needed(std::uint64_t head, std::size_t tokens) const {
  const auto [place, is_new] = needed_.try_emplace(head);
  Needed& result = place->second;
  if (!is_new) return result;
  std::vector<std::uint32_t> all(mask_words(tokens), 0), keys(mask_words(tokens));
  for (std::size_t token = 0; token < tokens; ++token) keep(all.data(), token);
  auto& [queries, used_keys, values] = result.projections;
  queries = all;
  used_keys = values = request_.all_keys ? all : std::vector<std::uint32_t>(mask_words(tokens), 0);
  for (std::size_t token = 0; token < tokens; ++token) {
    const bool dominant = is_dominant(row_of(head, token, tokens));
    if (dominant) queries[token / kMaskWordBits] ^= std::uint32_t{1} << token % kMaskWordBits;
    if (used_keys == all) continue;
    std::fill(keys.begin(), keys.end(), 0U);
    key_row(head, token, tokens, keys.data());
    for (std::size_t i = 0; i < keys.size(); ++i) {
      values[i] |= keys[i];
      if (!dominant) used_keys[i] |= keys[i];
    }
  }
  return result;
}

}  // namespace dixion

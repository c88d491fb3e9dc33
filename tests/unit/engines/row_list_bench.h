// SPDX-License-Identifier: Apache-2.0
/// Commands on rows of tokens with random operands, for tests of row lists.
#pragma once

#include <cstring>
#include <functional>
#include <map>
#include <set>
#include <vector>

#include "models/common/mask_bits.h"
#include "models/common/row_roles.h"
#include "tests/support/engine_bench.h"

namespace dixion::test {

/// A row list with this capacity.
inline TensorView place_row_list(EngineBench& bench, const std::vector<std::uint32_t>& listed, std::uint32_t capacity,
                                 std::uint32_t generation = 7) {
  std::vector<std::uint32_t> words{static_cast<std::uint32_t>(listed.size()), capacity, generation, 0};
  words.insert(words.end(), listed.begin(), listed.end());
  words.resize(4 + capacity, 0xffffffff);
  return bench.place(words);
}

struct RowListBench : EngineBench {
  explicit RowListBench(std::uint32_t seed) : EngineBench(seed) {
    samples = size(1, 4);
    heads = size(1, 3);
    tokens = size(2, 40);
    depth = 2 * size(1, 12);
  }

  std::size_t size(std::int32_t low, std::int32_t high) { return static_cast<std::size_t>(between(low, high)); }
  std::uint32_t number(std::int32_t low, std::int32_t high) { return static_cast<std::uint32_t>(between(low, high)); }

  /// A random operand in a random layout. Its rank is the number of extents.
  TensorView in(dixion_format format, std::vector<std::size_t> extents) {
    const auto rank = static_cast<unsigned>(extents.size());
    const Bounds bounds = bounds_of(format);
    return place(tensor(std::move(extents), bounds.low / 4, bounds.high / 4), rank, format);
  }
  TensorView out(dixion_format format, std::vector<std::size_t> extents) {
    return in(format, std::move(extents));  // what stood there before must be told from results
  }
  TensorView rows(dixion_format format, std::size_t width) { return in(format, {samples, tokens, width}); }

  TensorView place_list(const std::vector<std::uint32_t>& listed, std::uint32_t capacity,
                        std::uint32_t generation = 7) {
    return place_row_list(*this, listed, capacity, generation);
  }
  Command with_list(Command command, const std::vector<std::uint32_t>& listed) {
    command.flags |= DIXION_COMMAND_FLAG_ROW_LIST;
    command.operands[kRowListOperand] = place_list(listed, static_cast<std::uint32_t>(samples * tokens));
    return command;
  }

  std::vector<std::uint32_t> all_rows() const {
    std::vector<std::uint32_t> all;
    for (std::uint32_t row = 0; row < samples * tokens; ++row) all.push_back(row);
    return all;
  }
  /// Half of the time as many of each sample, otherwise any.
  std::vector<std::uint32_t> some_rows() {
    std::vector<std::uint32_t> some;
    const bool alike = chance(50);
    const auto first = number(0, static_cast<std::int32_t>(tokens) - 1);
    const int percent = between(5, 95);
    for (const std::uint32_t row : all_rows()) {
      if (alike ? row % tokens >= first : chance(percent)) some.push_back(row);
    }
    return some;
  }

  using Bytes = std::vector<std::uint8_t>;
  Bytes bytes(const TensorView& view) {
    Bytes values;
    EXPECT_TRUE(load_bytes(view, memory, values));
    return values;
  }

  std::size_t samples, heads, tokens, depth;
};

struct RowListCase {
  const char* name;
  std::function<Command(RowListBench&)> make;
};

}  // namespace dixion::test

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "models/abi/generated/commands_table.h"
#include "models/common/engine.h"
#include "models/common/tensor_io.h"
#include "tests/support/flat_memory.h"
#include "tests/support/reference/operators.h"

namespace dixion::test {

/// What the bench knows about an opcode's name.
inline const abi::OpcodeInfo& opcode(std::uint8_t value) {
  for (const abi::OpcodeInfo& info : abi::kOpcodes) {
    if (info.value == value) return info;
  }
  throw std::out_of_range("no such opcode");
}

/// Memory, random operands in random layouts, and one command at a time run the way the execution unit runs it.
class EngineBench {
 public:
  explicit EngineBench(std::uint32_t seed) : random(seed) {}

  std::int32_t between(std::int32_t low, std::int32_t high) {
    return std::uniform_int_distribution<std::int32_t>(low, high)(random);
  }
  bool chance(int percent) { return between(1, 100) <= percent; }

  /// Values of the format; every tenth tensor is full of extremes.
  reference::Tensor tensor(std::vector<std::size_t> extents, std::int32_t low, std::int32_t high) {
    reference::Tensor result(std::move(extents));
    const bool extreme = chance(10);
    for (std::int32_t& value : result.values) {
      value = extreme ? (chance(50) ? low : high) : between(low, high);
    }
    return result;
  }

  /// A view of the last `rank` extents with gaps between rows and, half of the time, dimensions in another order.
  TensorView layout(const reference::Tensor& values, unsigned rank, dixion_format format) {
    TensorView view;
    view.format = format;
    view.rank = static_cast<std::uint8_t>(rank);
    std::vector<unsigned> order;
    for (unsigned i = 0; i < rank; ++i) {
      view.extent[i] = static_cast<std::uint32_t>(values.extent[4 - rank + i]);
      order.insert(order.begin(), i);
    }
    if (chance(50)) std::shuffle(order.begin(), order.end(), random);
    std::uint64_t next = element_bytes(format);
    for (const unsigned dimension : order) {
      view.stride[dimension] = next;
      next *= view.extent[dimension];
      if (chance(50)) next += element_bytes(format) * static_cast<unsigned>(between(1, 3));
    }
    view.address = memory.allocate(view.span_bytes());
    return view;
  }

  /// Puts values where a random layout says. Lanes of INT12 get random high bits: readers must not care.
  TensorView place(const reference::Tensor& values, unsigned rank, dixion_format format) {
    const TensorView view = layout(values, rank, format);
    Result::Tensor written{view, {}};
    for (std::int32_t value : values.values) {
      if (format == DIXION_FORMAT_INT12) value = (value & 0xfff) | (between(0, 15) << 12);
      const auto* bytes = reinterpret_cast<const std::uint8_t*>(&value);
      written.bytes.insert(written.bytes.end(), bytes, bytes + element_bytes(format));
    }
    EXPECT_TRUE(store(written, memory));
    return view;
  }

  TensorView place(const std::vector<reference::Requant>& factors) { return place(DIXION_FORMAT_REQUANT, factors); }
  /// Words next to each other: masks, lists.
  TensorView place(const std::vector<std::uint32_t>& words) { return place(DIXION_FORMAT_UINT32, words); }

  Command command(std::uint8_t code, std::initializer_list<TensorView> operands,
                  std::initializer_list<std::uint32_t> immediates = {}) {
    Command result;
    result.info = &opcode(code);
    std::copy(operands.begin(), operands.end(), result.operands.begin());
    std::copy(immediates.begin(), immediates.end(), result.immediates.begin());
    return result;
  }

  /// Checks, executes and stores; the command must be right.
  std::uint64_t run(Engine& engine, const Command& command) {
    const CommandError wrong = engine.check(command);
    EXPECT_FALSE(wrong) << wrong.expected << ", got " << wrong.value;
    if (wrong) return 0;
    Result result;
    const CommandError failed = engine.execute(command, memory, result);
    EXPECT_FALSE(failed) << failed.expected << ", got " << failed.value;
    for (const Result::Tensor& tensor : result.tensors) EXPECT_TRUE(store(tensor, memory));
    return result.saturations;
  }

  std::vector<std::int32_t> fetch(const TensorView& view) {
    std::vector<std::int32_t> values;
    EXPECT_TRUE(load_values(view, memory, values));
    return values;
  }

  std::uint32_t word_at(std::uint64_t address) {
    std::uint32_t word = 0;
    EXPECT_TRUE(memory.read(address, &word, sizeof word));
    return word;
  }

  std::mt19937 random;
  FlatMemory memory{4 << 20};

 private:
  template <typename Item>
  TensorView place(dixion_format format, const std::vector<Item>& items) {
    TensorView view;
    view.format = format;
    view.rank = 1;
    view.extent[0] = static_cast<std::uint32_t>(items.size());
    view.stride[0] = sizeof(Item);
    view.address = memory.allocate(view.span_bytes());
    EXPECT_TRUE(memory.write(view.address, items.data(), items.size() * sizeof(Item)));
    return view;
  }
};

/// Runs a body on `count` benches with seeds of their own; a failure names the seed.
template <typename Body>
void over_seeds(std::uint32_t count, Body body) {
  for (std::uint32_t seed = 1; seed <= count; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    EngineBench bench(seed);
    body(bench);
  }
}

/// Bounds of a format's values.
struct Bounds {
  std::int32_t low, high;
};
inline Bounds bounds_of(dixion_format format) {
  switch (format) {
    case DIXION_FORMAT_INT8:
      return {-128, 127};
    case DIXION_FORMAT_INT12:
      return {-2048, 2047};
    case DIXION_FORMAT_INT16:
      return {-32768, 32767};
    default:
      return {std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max()};
  }
}
inline unsigned bits_of(dixion_format format) {
  return format == DIXION_FORMAT_INT8    ? 8
         : format == DIXION_FORMAT_INT12 ? 12
         : format == DIXION_FORMAT_INT16 ? 16
                                         : 32;
}

}  // namespace dixion::test

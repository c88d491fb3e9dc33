// SPDX-License-Identifier: Apache-2.0
#include "tests/support/cycle_reference/matrix_reference.h"

#include <algorithm>
#include <deque>
#include <vector>

#include "models/common/check.h"
#include "tests/support/cycle_reference/operand_fifos.h"

namespace dixion::test {
namespace {

constexpr std::uint64_t kReadAhead = 16;

/// Units in rows and columns; src moves to the right, weights move down, one unit per step.
class Array {
 public:
  Array(unsigned rows, unsigned columns, std::uint64_t steps)
      : rows_(rows),
        columns_(columns),
        steps_(steps),
        src_(rows * columns),
        weight_(rows * columns),
        sums_(rows * columns) {}

  /// Operands move on; returns how many units have now added the last products of a tile.
  unsigned step(const std::vector<Token>& src, const std::vector<Token>& weight) {
    unsigned complete = 0;
    for (unsigned r = rows_; r-- > 0;) {
      for (unsigned c = columns_; c-- > 0;) {
        const unsigned unit = r * columns_ + c;
        src_[unit] = c == 0 ? src[r] : src_[unit - 1];
        weight_[unit] = r == 0 ? weight[c] : weight_[unit - columns_];
        complete += multiply(unit) ? 1 : 0;
      }
    }
    return complete;
  }

 private:
  bool multiply(unsigned unit) {
    const Token& a = src_[unit];
    const Token& b = weight_[unit];
    DIXION_CHECK(a.valid == b.valid && (!a.valid || (a.tile == b.tile && a.step == b.step)),
                 "operands that do not belong together");
    if (!a.valid) return false;
    DIXION_CHECK(sums_[unit] == a.step, "a product was left out");
    if (++sums_[unit] < steps_) return false;
    sums_[unit] = 0;
    return true;
  }

  unsigned rows_, columns_;
  std::uint64_t steps_;
  std::vector<Token> src_, weight_;
  std::vector<std::uint64_t> sums_;  ///< steps added so far
};

/// What follows the operand registers: multiply, a level of the adder tree per cycle, accumulate, requantise in three.
unsigned pipeline_depth(unsigned dot_length) {
  unsigned depth = 1;
  for (unsigned left = dot_length; left > 1; left = (left + 1) / 2) ++depth;
  return depth + 1 + 3;
}

Cycles empty_last_tile(const AcceleratorConfig& config, const ReferenceProduct& product) {
  const auto edge = [](std::uint64_t all, unsigned lanes) { return std::min<std::uint64_t>(all, lanes); };
  std::vector<std::uint64_t> left(product.cores, edge(product.rows, config.array_rows) *
                                                     edge(product.columns, config.array_columns) * product.dst_bytes);
  Cycles cycles = 0;
  for (std::size_t core = 0; core < left.size(); ++cycles) {
    std::uint64_t room = config.memory_bytes_per_cycle;
    while (core < left.size() && room > 0) {
      const std::uint64_t moved = std::min(room, left[core]);
      left[core] -= moved;
      room -= moved;
      if (left[core] == 0) ++core;
    }
  }
  return cycles;
}

}  // namespace

ReferenceCycles run_reference(const AcceleratorConfig& config, const ReferenceProduct& product) {
  const auto map = make_bank_map(config.core_sram_map, config.core_sram_banks, config.core_sram_masks);
  const std::uint64_t steps = (product.depth + config.dot_length - 1) / config.dot_length;
  const std::uint64_t row_tiles = (product.rows + config.array_rows - 1) / config.array_rows;
  const std::uint64_t column_tiles = (product.columns + config.array_columns - 1) / config.array_columns;
  const std::uint64_t tiles = row_tiles * column_tiles;
  const std::uint64_t region = config.core_sram_bytes / 4 / config.core_sram_word_bytes;
  const auto side = [&](std::uint64_t vectors, unsigned lanes, unsigned bytes, std::uint64_t repeat) {
    return OperandFifos::Shape{vectors,
                               lanes,
                               product.depth * bytes,
                               std::uint64_t{config.dot_length} * bytes,
                               config.core_sram_word_bytes,
                               region,
                               tiles,
                               steps,
                               repeat,
                               kReadAhead};
  };
  OperandFifos src(*map, side(product.rows, config.array_rows, 2, product.weights_pass ? 1 : column_tiles));
  OperandFifos weight(
      *map, side(product.columns, config.array_columns, product.weight_bytes, product.weights_pass ? row_tiles : 1));
  Array array(config.array_rows, config.array_columns, steps);
  std::deque<unsigned> pipeline(pipeline_depth(config.dot_length), 0);
  std::vector<Token> src_tokens(config.array_rows);
  std::vector<Token> weight_tokens(config.array_columns);

  ReferenceCycles result;
  const std::uint64_t wanted = tiles * config.array_rows * config.array_columns;
  std::uint64_t step = 0;
  for (std::uint64_t finished = 0; finished < wanted; ++result.compute) {
    src.request(step);
    weight.request(step);
    src.serve();
    weight.serve();
    unsigned complete = 0;
    if (src.ready(step) && weight.ready(step)) {
      src.take(step, src_tokens);
      weight.take(step, weight_tokens);
      complete = array.step(src_tokens, weight_tokens);
      ++step;
    } else {
      ++result.waits;
    }
    pipeline.push_back(complete);
    finished += pipeline.front();
    pipeline.pop_front();
  }
  result.drain = empty_last_tile(config, product);
  return result;
}

}  // namespace dixion::test

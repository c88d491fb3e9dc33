// SPDX-License-Identifier: Apache-2.0
#include "models/engines/matrix/matmul_function.h"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <numeric>

#include "models/common/fixed_point.h"

namespace dixion {
namespace {

// A block of accumulators stays in the workstation's L2 cache, and one block of weights serves many rows.
constexpr std::size_t kBlockRows = 512;
constexpr std::size_t kBlockColumns = 192;
constexpr unsigned kAccumulatorBits = 48;

struct Block {
  std::size_t group;                       // matrices with weights of their own
  std::size_t row, rows, column, columns;  // rows count over all that share the weights
};

/// Accumulators of one block. Threads keep theirs: fresh memory costs more than what is written to it.
struct Sums {
  std::vector<std::int32_t> narrow;
  std::vector<std::int64_t> wide;  // used where int32 cannot hold the sum over K
};

Sums& sums_of_this_thread() {
  thread_local Sums sums;
  return sums;
}

template <typename Weight>
class Product {
 public:
  Product(const KernelSet& kernels, const MatmulOperands& operands, const Weight* weight, std::uint8_t* dst)
      : kernels_(kernels), operands_(operands), weight_(weight), dst_(dst), exact_depth_(exact_depth(12, kWeightBits)) {
    for (std::size_t n = 0; n < operands.columns; ++n) {
      const RequantEntry& factor = operands.factors[operands.factors.size() == 1 ? 0 : n];
      biases_.push_back(operands.bias != nullptr ? operands.bias[n] : 0);
      multipliers_.push_back(factor.multiplier);
      shifts_.push_back(factor.shift);
    }
    narrow_ = accumulators_fit_int32();
  }

  std::uint64_t run() const {
    const std::vector<Block> blocks = split();
    std::vector<std::uint64_t> saturations(blocks.size(), 0);
    const std::uint64_t macs = operands_.batch * operands_.rows * operands_.columns * operands_.depth;
    spread(kernels_, macs, blocks.size(), [&](std::size_t i) {
      Sums& sums = sums_of_this_thread();
      multiply(blocks[i], sums);
      saturations[i] = write(blocks[i], sums);
    });
    return std::accumulate(saturations.begin(), saturations.end(), std::uint64_t{0});
  }

 private:
  static constexpr unsigned kWeightBits = sizeof(Weight) == 1 ? 8 : 12;

  [[nodiscard]] std::size_t rows_per_group() const {
    return operands_.weight_per_batch ? operands_.rows : operands_.rows * operands_.batch;
  }

  [[nodiscard]] std::vector<Block> split() const {
    std::vector<Block> blocks;
    const std::size_t groups = operands_.weight_per_batch ? operands_.batch : 1, rows = rows_per_group();
    for (std::size_t group = 0; group < groups; ++group) {
      for (std::size_t column = 0; column < operands_.columns; column += kBlockColumns) {
        for (std::size_t row = 0; row < rows; row += kBlockRows) {
          blocks.push_back({group, row, std::min(kBlockRows, rows - row), column,
                            std::min(kBlockColumns, operands_.columns - column)});
        }
      }
    }
    return blocks;
  }

  [[nodiscard]] bool accumulators_fit_int32() const {
    if (operands_.depth > exact_depth_) return false;
    std::int64_t largest_bias = 0;
    for (const std::int32_t bias : biases_) largest_bias = std::max(largest_bias, std::abs(std::int64_t{bias}));
    const std::int64_t product = std::int64_t{1} << (11 + kWeightBits - 1);
    return static_cast<std::int64_t>(operands_.depth) * product + largest_bias <=
           std::numeric_limits<std::int32_t>::max();
  }

  void multiply(const Block& block, Sums& sums) const {
    const std::size_t depth = operands_.depth;
    const std::int16_t* a = operands_.src + (block.group * rows_per_group() + block.row) * depth;
    const Weight* b = weight_ + (block.group * operands_.columns + block.column) * depth;
    sums.narrow.resize(block.rows * block.columns);
    if (depth <= exact_depth_) {
      kernels_.dot_products(block.rows, block.columns, depth, a, depth, b, depth, sums.narrow.data(), block.columns);
      return;
    }
    sums.wide.assign(block.rows * block.columns, 0);
    for (std::size_t k = 0; k < depth; k += exact_depth_) {
      const std::size_t part = std::min(exact_depth_, depth - k);
      kernels_.dot_products(block.rows, block.columns, part, a + k, depth, b + k, depth, sums.narrow.data(),
                            block.columns);
      for (std::size_t i = 0; i < sums.wide.size(); ++i) sums.wide[i] += sums.narrow[i];
    }
  }

  [[nodiscard]] std::uint64_t write(const Block& block, Sums& sums) const {
    return operands_.dst_format == DIXION_FORMAT_INT32 ? write_as(block, sums, reinterpret_cast<std::int32_t*>(dst_))
                                                       : write_as(block, sums, reinterpret_cast<std::int16_t*>(dst_));
  }

  template <typename Element>
  [[nodiscard]] std::uint64_t write_as(const Block& block, Sums& sums, Element* dst) const {
    std::uint64_t saturations = 0;
    for (std::size_t i = 0; i < block.rows; ++i) {
      const std::size_t row = block.group * rows_per_group() + block.row + i, offset = i * block.columns;
      Element* to = dst + row * operands_.columns + block.column;
      if (narrow_) {
        saturations += requantise_narrow(sums.narrow.data() + offset, block, to);
      } else if (operands_.depth <= exact_depth_) {
        saturations += requantise(sums.narrow.data() + offset, block, to);
      } else {
        saturations += requantise(sums.wide.data() + offset, block, to);
      }
    }
    return saturations;
  }

  template <typename Element>
  [[nodiscard]] std::uint64_t requantise_narrow(std::int32_t* sums, const Block& block, Element* row) const {
    const std::size_t n = block.column;
    const RequantRow factors{biases_.data() + n, multipliers_.data() + n, shifts_.data() + n};
    const unsigned bits = format_bits(operands_.dst_format);
    const std::uint64_t saturations = kernels_.requantise(block.columns, sums, factors, bits, sums);
    for (std::size_t j = 0; j < block.columns; ++j) row[j] = static_cast<Element>(sums[j]);
    return saturations;
  }

  template <typename Sum, typename Element>
  [[nodiscard]] std::uint64_t requantise(const Sum* sums, const Block& block, Element* row) const {
    std::uint64_t saturations = 0;
    for (std::size_t j = 0; j < block.columns; ++j) {
      const std::size_t n = block.column + j;
      const std::int64_t accumulator = saturate(std::int64_t{sums[j]} + biases_[n], kAccumulatorBits, saturations);
      const Requantiser factor(multipliers_[n], static_cast<std::uint32_t>(shifts_[n]),
                               format_bits(operands_.dst_format));
      row[j] = static_cast<Element>(factor(accumulator, saturations));
    }
    return saturations;
  }

  const KernelSet& kernels_;
  const MatmulOperands& operands_;
  const Weight* weight_;
  std::uint8_t* dst_;
  std::size_t exact_depth_;
  std::vector<std::int32_t> biases_, multipliers_, shifts_;  // [N]
  bool narrow_ = false;
};

}  // namespace

std::size_t exact_depth(unsigned bits_a, unsigned bits_b) {
  return std::size_t{std::numeric_limits<std::int32_t>::max()} >> (bits_a - 1 + bits_b - 1);
}

std::uint64_t matmul_function(const KernelSet& kernels, const MatmulOperands& operands, std::uint8_t* dst) {
  return operands.weight8 != nullptr ? Product(kernels, operands, operands.weight8, dst).run()
                                     : Product(kernels, operands, operands.weight, dst).run();
}

}  // namespace dixion

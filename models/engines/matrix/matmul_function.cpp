// SPDX-License-Identifier: Apache-2.0
#include "models/engines/matrix/matmul_function.h"

#include <algorithm>
#include <cstdlib>
#include <limits>

#include "models/common/fixed_point.h"

namespace dixion {
namespace {

// A block of accumulators stays in the workstation's L2 cache, and one block of weights serves many rows.
constexpr std::size_t kBlockRows = 256;
constexpr std::size_t kBlockColumns = 128;
constexpr unsigned kAccumulatorBits = 48;

struct Block {
  std::size_t row, rows, column, columns;  // row counts over all that share the weights
};

class Product {
 public:
  Product(const KernelSet& kernels, const MatmulOperands& operands, std::uint8_t* dst)
      : kernels_(kernels),
        operands_(operands),
        dst_(dst),
        exact_depth_(exact_depth(12, operands.weight_bits)),
        sums_(kBlockRows * kBlockColumns) {
    for (std::size_t n = 0; n < operands.columns; ++n) {
      const RequantEntry& factor = operands.factors[operands.factors.size() == 1 ? 0 : n];
      biases_.push_back(operands.bias != nullptr ? operands.bias[n] : 0);
      multipliers_.push_back(factor.multiplier);
      shifts_.push_back(factor.shift);
    }
    narrow_ = accumulators_fit_int32();
  }

  std::uint64_t run() {
    const std::size_t groups = operands_.weight_per_batch ? operands_.batch : 1;
    const std::size_t rows = operands_.weight_per_batch ? operands_.rows : operands_.rows * operands_.batch;
    for (std::size_t group = 0; group < groups; ++group) {
      const std::int16_t* src = operands_.src + group * rows * operands_.depth;
      const std::int16_t* weight = operands_.weight + group * operands_.columns * operands_.depth;
      for (std::size_t column = 0; column < operands_.columns; column += kBlockColumns) {
        for (std::size_t row = 0; row < rows; row += kBlockRows) {
          const Block block{row, std::min(kBlockRows, rows - row), column,
                            std::min(kBlockColumns, operands_.columns - column)};
          multiply(block, src, weight);
          write(block, group * rows);
        }
      }
    }
    return saturations_;
  }

 private:
  [[nodiscard]] bool accumulators_fit_int32() const {
    if (operands_.depth > exact_depth_) return false;
    std::int64_t largest_bias = 0;
    for (const std::int32_t bias : biases_) largest_bias = std::max(largest_bias, std::abs(std::int64_t{bias}));
    const std::int64_t product = std::int64_t{1} << (11 + operands_.weight_bits - 1);
    return static_cast<std::int64_t>(operands_.depth) * product + largest_bias <=
           std::numeric_limits<std::int32_t>::max();
  }

  void multiply(const Block& block, const std::int16_t* src, const std::int16_t* weight) {
    const std::size_t depth = operands_.depth;
    const std::int16_t* a = src + block.row * depth;
    const std::int16_t* b = weight + block.column * depth;
    if (depth <= exact_depth_) {
      kernels_.dot_products(block.rows, block.columns, depth, a, depth, b, depth, sums_.data(), block.columns);
      return;
    }
    wide_sums_.assign(block.rows * block.columns, 0);
    for (std::size_t k = 0; k < depth; k += exact_depth_) {
      const std::size_t part = std::min(exact_depth_, depth - k);
      kernels_.dot_products(block.rows, block.columns, part, a + k, depth, b + k, depth, sums_.data(), block.columns);
      for (std::size_t i = 0; i < wide_sums_.size(); ++i) wide_sums_[i] += sums_[i];
    }
  }

  void write(const Block& block, std::size_t first_row) {
    if (operands_.dst_format == DIXION_FORMAT_INT32) {
      write_as(block, first_row, reinterpret_cast<std::int32_t*>(dst_));
    } else {
      write_as(block, first_row, reinterpret_cast<std::int16_t*>(dst_));
    }
  }

  template <typename Element>
  void write_as(const Block& block, std::size_t first_row, Element* dst) {
    for (std::size_t i = 0; i < block.rows; ++i) {
      Element* row = dst + (first_row + block.row + i) * operands_.columns + block.column;
      const std::size_t offset = i * block.columns;
      if (narrow_) {
        requantise_narrow(sums_.data() + offset, block, row);
      } else if (operands_.depth <= exact_depth_) {
        requantise(sums_.data() + offset, block, row);
      } else {
        requantise(wide_sums_.data() + offset, block, row);
      }
    }
  }

  template <typename Element>
  void requantise_narrow(std::int32_t* sums, const Block& block, Element* row) {
    const std::size_t n = block.column;
    saturations_ +=
        kernels_.requantise(block.columns, sums, {biases_.data() + n, multipliers_.data() + n, shifts_.data() + n},
                            format_bits(operands_.dst_format), sums);
    for (std::size_t j = 0; j < block.columns; ++j) row[j] = static_cast<Element>(sums[j]);
  }

  template <typename Sum, typename Element>
  void requantise(const Sum* sums, const Block& block, Element* row) {
    for (std::size_t j = 0; j < block.columns; ++j) {
      const std::size_t n = block.column + j;
      const std::int64_t accumulator = saturate(std::int64_t{sums[j]} + biases_[n], kAccumulatorBits, saturations_);
      const Requantiser factor(multipliers_[n], static_cast<std::uint32_t>(shifts_[n]),
                               format_bits(operands_.dst_format));
      row[j] = static_cast<Element>(factor(accumulator, saturations_));
    }
  }

  const KernelSet& kernels_;
  const MatmulOperands& operands_;
  std::uint8_t* dst_;
  std::size_t exact_depth_;
  std::vector<std::int32_t> biases_, multipliers_, shifts_;  // [N]
  bool narrow_ = false;
  std::vector<std::int32_t> sums_;       // of one block
  std::vector<std::int64_t> wide_sums_;  // used where int32 cannot hold the sum over K
  std::uint64_t saturations_ = 0;
};

}  // namespace

std::size_t exact_depth(unsigned bits_a, unsigned bits_b) {
  return std::size_t{std::numeric_limits<std::int32_t>::max()} >> (bits_a - 1 + bits_b - 1);
}

std::uint64_t matmul_function(const KernelSet& kernels, const MatmulOperands& operands, std::uint8_t* dst) {
  return Product(kernels, operands, dst).run();
}

}  // namespace dixion

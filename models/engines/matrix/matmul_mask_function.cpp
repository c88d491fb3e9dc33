// SPDX-License-Identifier: Apache-2.0
#include "models/engines/matrix/matmul_mask_function.h"

#include <algorithm>
#include <cstring>

#include "models/common/fixed_point.h"
#include "models/common/mask_bits.h"

namespace dixion {
namespace {

constexpr unsigned kAccumulatorBits = 48;
constexpr std::size_t kBlockRows = 512;  // rows whose exact sums are held at a time

/// Rows of the tall product of all samples, `first` on.
struct Rows {
  std::size_t first, count;
};

template <typename Body>
void for_each_block(const MatmulOperands& operands, const Body& body) {
  const std::size_t rows = operands.batch * operands.rows;
  for (std::size_t first = 0; first < rows; first += kBlockRows) body(Rows{first, std::min(kBlockRows, rows - first)});
}

/// `src` of the block with those inputs set to 0 whose bit is not `keep`.
void select_inputs(const MatmulOperands& operands, const std::uint32_t* mask, Rows rows, bool keep,
                   std::vector<std::int16_t>& selected) {
  const std::size_t depth = operands.depth, words = mask_words(depth);
  selected.assign(operands.src + rows.first * depth, operands.src + (rows.first + rows.count) * depth);
  for (std::size_t i = 0; i < rows.count; ++i) {
    const std::uint32_t* row = mask + (rows.first + i) * words;
    for (std::size_t k = 0; k < depth; ++k) {
      const bool marked = (row[k / kMaskWordBits] >> k % kMaskWordBits & 1U) != 0;
      if (marked != keep) selected[i * depth + k] = 0;
    }
  }
}

/// The exact sums of products of a block, without bias: [count, N].
class ExactSums {
 public:
  ExactSums(const KernelSet& kernels, const MatmulOperands& operands)
      : kernels_(kernels), operands_(operands), exact_(exact_depth(12, 8)) {}

  const std::vector<std::int64_t>& of(const std::int16_t* src, std::size_t rows) {
    sums_.assign(rows * operands_.columns, 0);
    for (std::size_t k = 0; k < operands_.depth; k += exact_) add(src, rows, k, std::min(exact_, operands_.depth - k));
    return sums_;
  }

 private:
  /// Products of inputs k to k + part - 1, which int32 holds.
  void add(const std::int16_t* src, std::size_t rows, std::size_t k, std::size_t part) {
    MatmulOperands piece = operands_;
    piece.batch = 1;
    piece.rows = rows;
    piece.depth = part;
    piece.bias = nullptr;
    piece.factors = {{1, 0}};
    piece.dst_format = DIXION_FORMAT_INT32;
    piece.src = src;
    if (part != operands_.depth) {
      piece.src = cut(src, rows, k, part, src_part_);
      piece.weight8 = cut(operands_.weight8, operands_.columns, k, part, weight_part_);
    }
    raw_.resize(sums_.size());
    matmul_function(kernels_, piece, reinterpret_cast<std::uint8_t*>(raw_.data()));
    for (std::size_t i = 0; i < sums_.size(); ++i) sums_[i] += raw_[i];
  }

  template <typename T>
  const T* cut(const T* from, std::size_t rows, std::size_t k, std::size_t part, std::vector<T>& to) const {
    to.resize(rows * part);
    for (std::size_t i = 0; i < rows; ++i)
      std::copy_n(from + i * operands_.depth + k, part, to.begin() + static_cast<std::ptrdiff_t>(i * part));
    return to.data();
  }

  const KernelSet& kernels_;
  const MatmulOperands& operands_;
  std::size_t exact_;
  std::vector<std::int64_t> sums_;
  std::vector<std::int32_t> raw_;
  std::vector<std::int16_t> src_part_;
  std::vector<std::int8_t> weight_part_;
};

/// Accumulators to elements of dst.
class Writer {
 public:
  Writer(const MatmulOperands& operands, std::uint8_t* dst)
      : dst_(dst), wide_(operands.dst_format == DIXION_FORMAT_INT32) {
    const unsigned bits = format_bits(operands.dst_format);
    for (std::size_t n = 0; n < operands.columns; ++n) {
      const RequantEntry& factor = operands.factors[operands.factors.size() == 1 ? 0 : n];
      factors_.emplace_back(factor.multiplier, static_cast<std::uint32_t>(factor.shift), bits);
    }
  }

  void write(std::size_t element, std::size_t column, std::int64_t sum, std::uint64_t& saturations) const {
    const std::int32_t value = factors_[column](saturate(sum, kAccumulatorBits, saturations), saturations);
    if (wide_) {
      reinterpret_cast<std::int32_t*>(dst_)[element] = value;
    } else {
      reinterpret_cast<std::int16_t*>(dst_)[element] = static_cast<std::int16_t>(value);
    }
  }

 private:
  std::uint8_t* dst_;
  bool wide_;
  std::vector<Requantiser> factors_;
};

}  // namespace

std::uint64_t matmul_partial_function(const KernelSet& kernels, const MatmulOperands& operands,
                                      const std::uint32_t* mask, std::uint8_t* dst, std::int32_t* partial) {
  std::uint64_t saturations = matmul_function(kernels, operands, dst);
  std::vector<std::int16_t> unmarked;
  for_each_block(operands, [&](Rows rows) {
    select_inputs(operands, mask, rows, false, unmarked);
    // A raw product in INT32: sat_32 of bias and sum.
    MatmulOperands block = operands;
    block.batch = 1;
    block.rows = rows.count;
    block.src = unmarked.data();
    block.factors = {{1, 0}};
    block.dst_format = DIXION_FORMAT_INT32;
    saturations +=
        matmul_function(kernels, block, reinterpret_cast<std::uint8_t*>(partial + rows.first * operands.columns));
  });
  return saturations;
}

std::uint64_t matmul_resume_function(const KernelSet& kernels, const MatmulOperands& operands,
                                     const std::uint32_t* mask, const std::int32_t* partial, std::uint8_t* dst) {
  const Writer writer(operands, dst);
  ExactSums exact(kernels, operands);
  std::vector<std::int16_t> marked;
  std::uint64_t saturations = 0;
  for_each_block(operands, [&](Rows rows) {
    select_inputs(operands, mask, rows, true, marked);
    const std::vector<std::int64_t>& sums = exact.of(marked.data(), rows.count);
    for (std::size_t i = 0; i < sums.size(); ++i) {
      const std::size_t element = rows.first * operands.columns + i;
      writer.write(element, i % operands.columns, sums[i] + partial[element], saturations);
    }
  });
  return saturations;
}

std::uint64_t matmul_masked_function(const KernelSet& kernels, const MatmulOperands& operands,
                                     const std::uint32_t* mask, std::size_t shares, std::uint8_t* dst) {
  const Writer writer(operands, dst);
  ExactSums exact(kernels, operands);
  const std::size_t columns = operands.columns, bits = columns / shares, words = mask_words(bits);
  std::uint64_t saturations = 0;
  for_each_block(operands, [&](Rows rows) {
    const std::vector<std::int64_t>& sums = exact.of(operands.src + rows.first * operands.depth, rows.count);
    for (std::size_t i = 0; i < rows.count; ++i) {
      for_each_kept(mask + (rows.first + i) * words, bits, [&](std::size_t bit) {
        for (std::size_t n = bit; n < columns; n += bits) {
          const std::int64_t bias = operands.bias != nullptr ? operands.bias[n] : 0;
          writer.write((rows.first + i) * columns + n, n, sums[i * columns + n] + bias, saturations);
        }
      });
    }
  });
  return saturations;
}

}  // namespace dixion

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "tests/support/reference/operators.h"

namespace dixion::reference {
namespace {

/// The longest run of products that cannot leave int32: 256 * 4095 * 2048 < 2^31.
constexpr std::size_t kExactRun = 256;

using Lanes = std::vector<std::int16_t>;

Lanes to_lanes(const std::vector<std::int32_t>& values) { return {values.begin(), values.end()}; }

std::int64_t dot(const std::int16_t* a, const std::int16_t* b, std::size_t length) {
  std::int64_t total = 0;
  for (std::size_t start = 0; start < length; start += kExactRun) {
    const std::size_t end = std::min(length, start + kExactRun);
    std::int32_t run = 0;
    for (std::size_t i = start; i < end; ++i) run += std::int32_t{a[i]} * b[i];
    total += run;
  }
  return total;
}

/// Whether key j of a row of words is kept.
bool kept(const std::int32_t* row, std::size_t j) {
  return (static_cast<std::uint32_t>(row[j / 32]) >> j % 32 & 1) != 0;
}

/// Attention of one batch and head: q [queries, depth], k [keys, depth], v transposed [depth, keys].
struct Head {
  std::size_t queries, keys, depth;
  const std::int16_t *q, *k, *v;
  const std::int32_t* mask = nullptr;  // [queries, words], null: all keys are kept
  std::int32_t* marks = nullptr;       // [queries, words]
  std::uint32_t threshold = 0;

  void run(Requant score, Requant output, std::int32_t* dst, Saturations& count) const {
    std::vector<std::int64_t> s(keys);
    Lanes e(keys);
    for (std::size_t i = 0; i < queries; ++i) {
      for (std::size_t j = 0; j < keys; ++j) s[j] = dot(q + i * depth, k + j * depth, depth);
      const std::int32_t* row = mask == nullptr ? nullptr : mask + i * ((keys + 31) / 32);
      std::size_t first = keys;
      for (std::size_t j = 0; j < keys; ++j) {
        if ((row == nullptr || kept(row, j)) && (first == keys || s[j] > s[first])) first = j;
      }
      const std::int64_t top = s[first];
      std::int64_t sum = 0;
      for (std::size_t j = 0; j < keys; ++j) {
        e[j] = 0;
        if (row != nullptr && !kept(row, j)) continue;
        const Wide t = rshr(Wide{top - s[j]} * score.multiplier, static_cast<unsigned>(score.shift));
        e[j] = static_cast<std::int16_t>(exp2n(static_cast<std::int64_t>(std::min<Wide>(t, 0x7fffffff))));
        sum += e[j];
      }
      if (marks != nullptr) mark(i, e, sum, first);
      const Wide divisor = Wide{sum} << output.shift;
      for (std::size_t d = 0; d < depth; ++d) {
        const Wide o = dot(e.data(), v + d * keys, keys);
        dst[i * depth + d] = static_cast<std::int32_t>(saturate(rdiv(o * output.multiplier, divisor), 12, count));
      }
    }
  }

  void mark(std::size_t i, const Lanes& e, std::int64_t sum, std::size_t first) const {
    std::int32_t* row = marks + i * ((keys + 31) / 32);
    for (std::size_t j = 0; j < keys; ++j) {
      if (j != first && !(Wide{e[j]} * static_cast<std::int64_t>(keys) * 65536 > Wide{threshold} * sum)) continue;
      row[j / 32] = static_cast<std::int32_t>(static_cast<std::uint32_t>(row[j / 32]) | std::uint32_t{1} << j % 32);
    }
  }
};

Tensor attention_of(const Tensor& q, const Tensor& k, const Tensor& v, Requant score, Requant output,
                    const Tensor* mask, Tensor* marks, std::uint32_t threshold) {
  const std::size_t heads = q.extent[0] * q.extent[1], queries = q.extent[2], depth = q.extent[3], keys = k.extent[2];
  const Lanes q_lanes = to_lanes(q.values), k_lanes = to_lanes(k.values);
  Lanes v_lanes(v.values.size());
  for (std::size_t h = 0; h < heads; ++h) {
    for (std::size_t j = 0; j < keys; ++j) {
      for (std::size_t d = 0; d < depth; ++d) {
        v_lanes[(h * depth + d) * keys + j] = static_cast<std::int16_t>(v.values[(h * keys + j) * depth + d]);
      }
    }
  }
  Tensor dst({q.extent[0], q.extent[1], queries, depth});
  for (std::size_t h = 0; h < heads; ++h) {
    const Head head{queries,
                    keys,
                    depth,
                    q_lanes.data() + h * queries * depth,
                    k_lanes.data() + h * keys * depth,
                    v_lanes.data() + h * keys * depth,
                    mask == nullptr ? nullptr : mask->values.data() + h * queries * ((keys + 31) / 32),
                    marks == nullptr ? nullptr : marks->values.data() + h * queries * ((keys + 31) / 32),
                    threshold};
    head.run(score, output, dst.values.data() + h * queries * depth, dst.saturated);
  }
  return dst;
}

/// Bit `column` of row `row` of a head's mask.
bool mask_bit(const Tensor& mask, std::size_t head, std::size_t row, std::size_t column) {
  const std::int32_t word = mask.values[(head * mask.extent[2] + row) * mask.extent[3] + column / 32];
  return (static_cast<std::uint32_t>(word) >> column % 32 & 1) != 0;
}

void set_mask_bit(Tensor& mask, std::size_t head, std::size_t row, std::size_t column) {
  std::int32_t& word = mask.values[(head * mask.extent[2] + row) * mask.extent[3] + column / 32];
  word = static_cast<std::int32_t>(static_cast<std::uint32_t>(word) | std::uint32_t{1} << column % 32);
}

}  // namespace

Tensor::Tensor(std::vector<std::size_t> extents) {
  std::copy_backward(extents.begin(), extents.end(), extent.end());
  values.resize(size());
}

Tensor::Tensor(std::vector<std::size_t> extents, std::vector<std::int32_t> contents) : values(std::move(contents)) {
  std::copy_backward(extents.begin(), extents.end(), extent.end());
}

std::int32_t Tensor::at(std::size_t i, std::size_t j, std::size_t k, std::size_t l) const {
  const auto within = [this](std::size_t index, std::size_t dimension) { return extent[dimension] == 1 ? 0 : index; };
  return values[((within(i, 0) * extent[1] + within(j, 1)) * extent[2] + within(k, 2)) * extent[3] + within(l, 3)];
}

Tensor matrix_product(const Tensor& src, const Tensor& weight, const std::vector<std::int32_t>& bias,
                      const std::vector<Requant>& factors, unsigned bits) {
  const std::size_t batches = src.extent[1], rows = src.extent[2], depth = src.extent[3], columns = weight.extent[2];
  const Lanes a = to_lanes(src.values), w = to_lanes(weight.values);
  Tensor dst({batches, rows, columns});
  for (std::size_t b = 0; b < batches; ++b) {
    const std::int16_t* weights = w.data() + (weight.extent[1] == 1 ? 0 : b * columns * depth);
    for (std::size_t m = 0; m < rows; ++m) {
      const std::size_t row = b * rows + m;
      for (std::size_t n = 0; n < columns; ++n) {
        const std::int64_t sum = dot(a.data() + row * depth, weights + n * depth, depth);
        const std::int64_t acc = saturate(Wide{bias.empty() ? 0 : bias[n]} + sum, 48, dst.saturated);
        dst.values[row * columns + n] =
            static_cast<std::int32_t>(requant(acc, factors.size() == 1 ? factors[0] : factors[n], bits, dst.saturated));
      }
    }
  }
  return dst;
}

Tensor mask_threshold(const Tensor& src, std::uint32_t threshold) {
  const std::size_t columns = src.extent[3], words = (columns + 31) / 32;
  Tensor mask({src.extent[1], src.extent[2], words});
  for (std::size_t i = 0; i < src.values.size(); ++i) {
    const std::int64_t x = src.values[i];
    if ((x < 0 ? -x : x) < threshold) continue;
    std::int32_t& word = mask.values[i / columns * words + i % columns / 32];
    word = static_cast<std::int32_t>(static_cast<std::uint32_t>(word) | std::uint32_t{1} << i % columns % 32);
  }
  return mask;
}

namespace {

const std::int32_t* mask_row(const Tensor& mask, std::size_t row) { return mask.values.data() + row * mask.extent[3]; }

/// src where the mask has `value`, 0 elsewhere.
Tensor where(const Tensor& src, const Tensor& mask, bool value) {
  Tensor result = src;
  const std::size_t columns = src.extent[3];
  for (std::size_t i = 0; i < src.values.size(); ++i) {
    if (kept(mask_row(mask, i / columns), i % columns) != value) result.values[i] = 0;
  }
  return result;
}

const Requant kRaw{1, 0};

}  // namespace

Tensor product_partial(const Tensor& src, const Tensor& weight, const std::vector<std::int32_t>& bias,
                       const std::vector<Requant>& factors, const Tensor& mask, unsigned bits, Tensor& partial) {
  partial = matrix_product(where(src, mask, false), weight, bias, {kRaw}, 32);
  Tensor dst = matrix_product(src, weight, bias, factors, bits);
  dst.saturated += partial.saturated;
  return dst;
}

Tensor product_resume(const Tensor& src, const Tensor& weight, const std::vector<Requant>& factors, const Tensor& mask,
                      const Tensor& partial, unsigned bits) {
  const std::size_t rows = src.extent[1] * src.extent[2], depth = src.extent[3], columns = weight.extent[2];
  Tensor dst({src.extent[1], src.extent[2], columns});
  for (std::size_t i = 0; i < rows * columns; ++i) {
    const std::size_t row = i / columns, n = i % columns;
    std::int64_t sum = partial.values[i];
    for (std::size_t k = 0; k < depth; ++k) {
      if (kept(mask_row(mask, row), k)) sum += std::int64_t{src.values[row * depth + k]} * weight.values[n * depth + k];
    }
    const std::int64_t acc = saturate(sum, 48, dst.saturated);
    const Requant factor = factors.size() == 1 ? factors[0] : factors[n];
    dst.values[i] = static_cast<std::int32_t>(requant(acc, factor, bits, dst.saturated));
  }
  return dst;
}

Tensor product_masked(const Tensor& src, const Tensor& weight, const std::vector<std::int32_t>& bias,
                      const std::vector<Requant>& factors, const Tensor& mask, std::size_t shares, unsigned bits) {
  const std::size_t rows = src.extent[1] * src.extent[2], depth = src.extent[3], columns = weight.extent[2];
  const Lanes a = to_lanes(src.values), w = to_lanes(weight.values);
  Tensor dst({src.extent[1], src.extent[2], columns});
  for (std::size_t i = 0; i < rows * columns; ++i) {
    const std::size_t row = i / columns, n = i % columns;
    if (!kept(mask_row(mask, row), n % (columns / shares))) continue;
    const std::int64_t sum = dot(a.data() + row * depth, w.data() + n * depth, depth);
    const std::int64_t acc = saturate(Wide{bias.empty() ? 0 : bias[n]} + sum, 48, dst.saturated);
    const Requant factor = factors.size() == 1 ? factors[0] : factors[n];
    dst.values[i] = static_cast<std::int32_t>(requant(acc, factor, bits, dst.saturated));
  }
  return dst;
}

Tensor attention(const Tensor& q, const Tensor& k, const Tensor& v, Requant score, Requant output) {
  return attention_of(q, k, v, score, output, nullptr, nullptr, 0);
}

Tensor attention_mark(const Tensor& q, const Tensor& k, const Tensor& v, Requant score, Requant output,
                      std::uint32_t threshold, Tensor& mask, TileSize tile) {
  Tensor elements({q.extent[0], q.extent[1], q.extent[2], (k.extent[2] + 31) / 32});
  Tensor dst = attention_of(q, k, v, score, output, nullptr, &elements, threshold);
  mask = Tensor({q.extent[0], q.extent[1], (q.extent[2] + tile.queries - 1) / tile.queries,
                 ((k.extent[2] + tile.keys - 1) / tile.keys + 31) / 32});
  for (std::size_t head = 0; head < q.extent[0] * q.extent[1]; ++head) {
    for (std::size_t i = 0; i < q.extent[2]; ++i) {
      for (std::size_t j = 0; j < k.extent[2]; ++j) {
        if (mask_bit(elements, head, i, j)) set_mask_bit(mask, head, i / tile.queries, j / tile.keys);
      }
    }
  }
  return dst;
}

Tensor attention_masked(const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& mask, Requant score,
                        Requant output, TileSize tile) {
  Tensor elements({q.extent[0], q.extent[1], q.extent[2], (k.extent[2] + 31) / 32});
  for (std::size_t head = 0; head < q.extent[0] * q.extent[1]; ++head) {
    for (std::size_t i = 0; i < q.extent[2]; ++i) {
      for (std::size_t j = 0; j < k.extent[2]; ++j) {
        if (mask_bit(mask, head, i / tile.queries, j / tile.keys)) set_mask_bit(elements, head, i, j);
      }
    }
  }
  return attention_of(q, k, v, score, output, &elements, nullptr, 0);
}

}  // namespace dixion::reference

// SPDX-License-Identifier: Apache-2.0
/// Random products under masks as commands.
#pragma once

#include "models/common/mask_bits.h"
#include "tests/support/engine_bench.h"

namespace dixion::test {

using reference::Requant;
using reference::Tensor;

/// Random operands of one product with a mask of `bits` columns.
struct Operands {
  std::size_t batch, rows, columns, depth;
  Tensor src, weight, bias;
  std::vector<Requant> factors;
  bool has_bias, has_table;
  dixion_format format;

  explicit Operands(EngineBench& bench, bool deep = false) {
    batch = static_cast<std::size_t>(bench.between(1, 3));
    rows = static_cast<std::size_t>(bench.between(1, 50));
    columns = 2 * static_cast<std::size_t>(bench.between(1, 60));
    depth = static_cast<std::size_t>(deep ? bench.between(8000, 9000) : bench.between(1, 100));
    if (deep) rows = 3;
    if (deep) columns = 6;
    src = bench.tensor({batch, rows, depth}, -2048, 2047);
    weight = bench.tensor({columns, depth}, -128, 127);
    const std::int32_t range = bench.chance(30) ? 2147483647 : 1 << 20;
    bias = bench.tensor({columns}, -range, range);
    has_bias = bench.chance(70);
    has_table = bench.chance(70);
    factors.resize(has_table ? columns : 1);
    for (Requant& factor : factors) factor = {bench.between(1 << 30, 2147483647), bench.between(34, 46)};
    const dixion_format formats[] = {DIXION_FORMAT_INT12, DIXION_FORMAT_INT16, DIXION_FORMAT_INT32};
    format = formats[bench.between(0, 2)];
  }

  [[nodiscard]] std::vector<std::int32_t> biases() const {
    return has_bias ? bias.values : std::vector<std::int32_t>{};
  }
  [[nodiscard]] Tensor result() const { return Tensor({batch, rows, columns}); }
};

/// `percent` of the bits; bits behind the last column are garbage.
inline Tensor random_mask(EngineBench& bench, std::size_t batch, std::size_t rows, std::size_t columns, int percent) {
  Tensor mask({batch, rows, mask_words(columns)});
  for (std::int32_t& word : mask.values) {
    std::uint32_t bits = 0;
    for (int i = 0; i < 32; ++i) bits |= bench.chance(percent) ? 1U << i : 0;
    word = static_cast<std::int32_t>(bits);
  }
  return mask;
}

inline std::uint32_t multiplier(const Operands& o) { return static_cast<std::uint32_t>(o.factors[0].multiplier); }
inline std::uint32_t shift(const Operands& o) { return static_cast<std::uint32_t>(o.factors[0].shift); }

struct Common {
  TensorView src, weight, bias, table;
  Common(EngineBench& bench, const Operands& o)
      : src(bench.place(o.src, 3, DIXION_FORMAT_INT12)), weight(bench.place(o.weight, 2, DIXION_FORMAT_INT8)) {
    if (o.has_bias) bias = bench.place(o.bias, 1, DIXION_FORMAT_INT32);
    if (o.has_table) table = bench.place(o.factors);
  }
};

inline Command masked_command(EngineBench& bench, const Operands& o, const TensorView& mask, std::uint32_t shares,
                              const TensorView& schedule = {}, std::uint32_t settings = 0) {
  const Common c(bench, o);
  return bench.command(DIXION_OPCODE_MATMUL_MASKED,
                       {c.src, c.weight, c.bias, c.table, mask, schedule, bench.layout(o.result(), 3, o.format)},
                       {multiplier(o), shift(o), shares, settings});
}

}  // namespace dixion::test

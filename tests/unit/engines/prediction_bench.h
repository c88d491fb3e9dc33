// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "models/common/mask_bits.h"
#include "tests/support/engine_bench.h"

namespace dixion::test {

inline std::vector<std::int32_t> words_at(EngineBench& bench, TensorView view) {
  view.format = DIXION_FORMAT_INT32;
  return bench.fetch(view);
}

/// Random operands of PREDICT.
struct PredictionOperands {
  reference::Tensor src, weight, bias;
  std::vector<reference::Requant> factors;
  reference::PredictSettings settings;
  std::size_t batch, tokens, width, depth;

  PredictionOperands(EngineBench& bench, std::size_t most_tokens, std::size_t most_depth) {
    const auto size = [&](std::size_t most) {
      return static_cast<std::size_t>(bench.between(1, static_cast<std::int32_t>(most)));
    };
    batch = size(2);
    tokens = size(most_tokens);
    width = size(40);
    depth = size(most_depth);
    settings.heads = size(3);
    settings.keep = size(tokens);
    const std::size_t rows = 2 * settings.heads * depth;
    src = bench.tensor({batch, tokens, width}, -2048, 2047);
    weight = bench.tensor({rows, width}, -128, 127);
    bias = bench.tensor({rows}, -100000, 100000);
    for (std::size_t i = 0; i < rows; ++i)
      factors.push_back({bench.between(1 << 30, 2147483647), bench.between(38, 42)});
    if (bench.chance(50)) settings.dominance = static_cast<std::uint32_t>(bench.between(1, 3000000));
    settings.all_keys = bench.chance(20);
  }

  Command command(EngineBench& bench, bool has_bias) const {
    const reference::Tensor mask({batch, settings.heads, tokens, mask_words(tokens)});
    const reference::Tensor rows({batch, 3 * settings.heads, mask_words(tokens)});
    return bench.command(DIXION_OPCODE_PREDICT,
                         {bench.place(src, 3, DIXION_FORMAT_INT12), bench.place(weight, 2, DIXION_FORMAT_INT8),
                          has_bias ? bench.place(bias, 1, DIXION_FORMAT_INT32) : TensorView{}, bench.place(factors),
                          bench.layout(mask, 4, DIXION_FORMAT_UINT32), bench.layout(rows, 3, DIXION_FORMAT_UINT32)},
                         {static_cast<std::uint32_t>(settings.heads), static_cast<std::uint32_t>(settings.keep),
                          settings.dominance, settings.all_keys ? 1U : 0U});
  }
};

}  // namespace dixion::test

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdlib>
#include <numeric>

#include "tests/support/reference/operators.h"

namespace dixion::reference {
namespace {

/// The largest power of two that is not above x, for x > 0.
std::int32_t power_below(std::int32_t x) {
  std::int32_t power = 1;
  while (power <= x / 2) power *= 2;
  return power;
}

void set_bit(std::int32_t& word, std::size_t bit) {
  word = static_cast<std::int32_t>(static_cast<std::uint32_t>(word) | std::uint32_t{1} << bit);
}

bool bit_of(const Tensor& words, std::size_t row, std::size_t bit) {
  const auto word = static_cast<std::uint32_t>(words.values.at(row * words.extent[3] + bit / 32));
  return (word >> bit % 32 & 1) != 0;
}

Tensor all_two_powers(Tensor tensor) {
  for (std::int32_t& value : tensor.values) value = two_powers(value);
  return tensor;
}

}  // namespace

std::int32_t two_powers(std::int32_t x) {
  if (x == 0) return 0;
  const std::int32_t magnitude = std::abs(x), first = power_below(magnitude), rest = magnitude - first;
  const std::int32_t sum = first + (rest == 0 ? 0 : power_below(rest));
  return x < 0 ? -sum : sum;
}

Tensor predict(const Tensor& src, const Tensor& weight, const std::vector<std::int32_t>& bias,
               const std::vector<Requant>& factors, const PredictSettings& settings, Tensor& rows,
               const StoredKeys* stored) {
  const std::size_t batch = src.extent[1], tokens = src.extent[2], heads = settings.heads, words = (tokens + 31) / 32;
  const std::size_t columns = weight.extent[2], depth = columns / (2 * heads);
  Tensor projected = matrix_product(all_two_powers(src), all_two_powers(weight), bias, factors, 12);
  Tensor mask({batch, heads, tokens, words});
  mask.saturated = projected.saturated;
  projected = all_two_powers(projected);
  rows = Tensor({batch, 3 * heads, words});
  const auto value = [&](std::size_t b, std::size_t t, std::size_t column) {
    return std::int64_t{projected.values[(b * tokens + t) * columns + column]};
  };
  const auto predicted = [&](std::size_t b, std::size_t t) {
    return stored == nullptr || stored->listed.contains(b * tokens + t);
  };
  const auto key = [&](std::size_t b, std::size_t h, std::size_t t, std::size_t d) {
    if (predicted(b, t)) return value(b, t, (heads + h) * depth + d);
    return std::int64_t{two_powers(stored->keys.at(b, h, t, d))};
  };
  for (std::size_t b = 0; b < batch; ++b) {
    for (std::size_t h = 0; h < heads; ++h) {
      const auto need = [&](std::size_t part, std::size_t t) {
        if (predicted(b, t)) set_bit(rows.values[((b * 3 + part) * heads + h) * words + t / 32], t % 32);
      };
      for (std::size_t t = 0; settings.all_keys && t < tokens; ++t) {
        need(1, t);
        need(2, t);
      }
      for (std::size_t i = 0; i < tokens; ++i) {
        if (!predicted(b, i)) continue;
        std::vector<std::int64_t> score(tokens, 0);
        for (std::size_t j = 0; j < tokens; ++j) {
          for (std::size_t d = 0; d < depth; ++d) score[j] += value(b, i, h * depth + d) * key(b, h, j, d);
        }
        std::vector<std::size_t> best(tokens);
        std::iota(best.begin(), best.end(), 0);
        std::stable_sort(best.begin(), best.end(), [&](std::size_t x, std::size_t y) { return score[x] > score[y]; });
        const bool led = settings.dominance > 0 && tokens > 1 && score[best[0]] - score[best[1]] > settings.dominance;
        const bool one_hot = led || settings.keep == 1;
        if (!one_hot) need(0, i);
        for (std::size_t n = 0; n < (one_hot ? 1 : settings.keep); ++n) {
          set_bit(mask.values[((b * heads + h) * tokens + i) * words + best[n] / 32], best[n] % 32);
          if (!one_hot) need(1, best[n]);
          need(2, best[n]);
        }
      }
    }
  }
  return mask;
}

Tensor matrix_product_rows(const Tensor& src, const Tensor& weight, const std::vector<std::int32_t>& bias,
                           const std::vector<Requant>& factors, unsigned bits, const Tensor& rows, Tensor dst) {
  const std::size_t groups = rows.extent[2], width = weight.extent[2] / groups, depth = weight.extent[3];
  dst.saturated = 0;
  for (std::size_t b = 0; b < dst.extent[1]; ++b) {
    for (std::size_t m = 0; m < dst.extent[2]; ++m) {
      for (std::size_t n = 0; n < dst.extent[3]; ++n) {
        if (!bit_of(rows, b * groups + n / width, m)) continue;
        std::int64_t sum = bias.empty() ? 0 : bias[n];
        for (std::size_t k = 0; k < depth; ++k) {
          sum += std::int64_t{src.values[(b * dst.extent[2] + m) * depth + k]} * weight.values[n * depth + k];
        }
        const std::int64_t acc = saturate(Wide{sum}, 48, dst.saturated);
        dst.values[(b * dst.extent[2] + m) * dst.extent[3] + n] =
            static_cast<std::int32_t>(requant(acc, factors.size() == 1 ? factors[0] : factors[n], bits, dst.saturated));
      }
    }
  }
  return dst;
}

}  // namespace dixion::reference

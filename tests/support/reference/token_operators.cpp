// SPDX-License-Identifier: Apache-2.0
#include "tests/support/reference/operators.h"

namespace dixion::reference {

Tensor token_decision(const Tensor& latent, const Tensor& previous, const Tensor& list, std::uint32_t branches,
                      std::uint32_t threshold, std::uint32_t share) {
  const std::size_t samples = latent.extent[1], tokens = latent.extent[2], channels = latent.extent[3];
  std::vector<std::vector<std::size_t>> active(samples);
  for (std::size_t s = 0; s < samples; ++s) {
    std::vector<std::int64_t> change(tokens, 0);
    std::int64_t sum = 0;
    for (std::size_t t = 0; t < tokens; ++t) {
      for (std::size_t c = 0; c < channels; ++c) {
        const std::int64_t difference = std::int64_t{latent.at(0, s, t, c)} - previous.at(0, s, t, c);
        change[t] += difference < 0 ? -difference : difference;
      }
      sum += change[t];
    }
    for (std::size_t t = 0; t < tokens; ++t) {
      // How many come before it in the order of change.
      std::size_t rank = 0;
      for (std::size_t u = 0; u < tokens; ++u) {
        if (change[u] > change[t] || (change[u] == change[t] && u < t)) ++rank;
      }
      const bool above =
          threshold == 0 || static_cast<__int128>(change[t]) * static_cast<std::int64_t>(tokens) * 65536 >
                                static_cast<__int128>(sum) * threshold;
      if (above && (share == 0 || rank * 65536 < tokens * share)) active[s].push_back(t);
    }
  }
  Tensor result = list;
  std::size_t count = 0;
  for (std::size_t row = 0; row < samples * branches; ++row) {
    for (const std::size_t t : active[row / branches]) {
      result.values[4 + count++] = static_cast<std::int32_t>(row * tokens + t);
    }
  }
  result.values[0] = static_cast<std::int32_t>(count);
  result.values[1] = static_cast<std::int32_t>(list.size() - 4);
  result.values[2] = list.values[2] + 1;
  result.values[3] = 0;
  return result;
}

}  // namespace dixion::reference

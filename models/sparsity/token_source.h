// SPDX-License-Identifier: Apache-2.0
/// How much tokens change where there is no latent to look at: timing mode.
#pragma once

#include <cstdint>
#include <vector>

namespace dixion {

class TokenSource {
 public:
  virtual ~TokenSource() = default;
  /// Changes of one sample's tokens at decision number `generation`, each below 2^45.
  [[nodiscard]] virtual std::vector<std::uint64_t> changes(std::uint32_t sample, std::uint32_t generation,
                                                           std::uint32_t tokens) const = 0;
};

/// Made up: noise on the square grid of tokens (a line, where their number is no square), averaged over windows of 5 x
/// 5, so that active tokens lie together, and blended over 8 decisions, so that they stay active for a while. All
/// assumed; measured masks and tokens differ from network to network.
class StatisticalTokens final : public TokenSource {
 public:
  explicit StatisticalTokens(std::uint64_t seed) : seed_(seed) {}
  [[nodiscard]] std::vector<std::uint64_t> changes(std::uint32_t sample, std::uint32_t generation,
                                                   std::uint32_t tokens) const override;

 private:
  std::uint64_t seed_;
};

}  // namespace dixion

// SPDX-License-Identifier: Apache-2.0
#include "traces/image/fixed_point.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "models/common/check.h"

namespace dixion {
namespace {

constexpr double kTwoTo31 = 2147483648.0;
constexpr int kLargestShift = 62;

}  // namespace

Factor factor_of(double real, const std::string& user) {
  if (!(real > 0) || !(std::round(real) < kTwoTo31)) {
    throw ConfigError(user, "needs a factor of " + std::to_string(real) + "; it must be positive and below 2^31");
  }
  int shift = kLargestShift;
  while (std::round(std::ldexp(real, shift)) >= kTwoTo31) --shift;
  return {static_cast<std::int32_t>(std::round(std::ldexp(real, shift))), shift};
}

std::int32_t fixed_point(double real, int fraction_bits, const std::string& user) {
  const double scaled = std::round(std::ldexp(real, fraction_bits));
  if (!(scaled >= -kTwoTo31 && scaled < kTwoTo31)) {
    throw ConfigError(
        user, std::to_string(real) + " does not fit 32 bits with " + std::to_string(fraction_bits) + " fraction bits");
  }
  return static_cast<std::int32_t>(scaled);
}

std::int32_t saturated(double real) {
  return static_cast<std::int32_t>(std::clamp(std::round(real), -kTwoTo31, kTwoTo31 - 1));
}

}  // namespace dixion

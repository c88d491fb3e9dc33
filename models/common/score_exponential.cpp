// SPDX-License-Identifier: Apache-2.0
#include "models/common/score_exponential.h"

#include <limits>

#include "models/common/numeric_tables.h"

namespace dixion {

ScoreExponential::ScoreExponential(std::int32_t multiplier, std::uint32_t shift)
    : multiplier_(multiplier), half_(shift > 0 ? std::int64_t{1} << (shift - 1) : 0), shift_(shift) {
  for (std::size_t i = 0; i < bases_.size(); ++i) {
    bases_[i] = tables::kExp2[i];
    slopes_[i] = tables::kExp2[i + 1] - tables::kExp2[i];
  }
  // rshr(d * multiplier, shift) < kZeroFrom exactly if d * multiplier + half < kZeroFrom * 2^shift.
  const Wide last = ((Wide{kZeroFrom} << shift) - half_ - 1) / multiplier;
  last_ = static_cast<std::int64_t>(std::min<Wide>(last, std::numeric_limits<std::int64_t>::max()));
}

std::int64_t ScoreExponential::wide(std::int64_t difference) const {
  return static_cast<std::int64_t>(rshr(static_cast<Wide>(difference) * multiplier_, shift_));
}

}  // namespace dixion

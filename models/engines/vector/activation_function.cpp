// SPDX-License-Identifier: Apache-2.0
#include "models/engines/vector/activation_function.h"

#include <limits>
#include <type_traits>
#include <vector>

#include "models/common/numeric_tables.h"

namespace dixion {
namespace {

struct Outcome {
  std::int32_t value;
  std::uint32_t saturations;
};

}  // namespace

ActivationCurve::ActivationCurve(Activation kind) : step_bits_(kind == Activation::kSilu ? 11 : 10) {
  switch (kind) {
    case Activation::kGelu:
      table_ = tables::kGelu.data();
      break;
    case Activation::kGeluTanh:
      table_ = tables::kGeluTanh.data();
      break;
    case Activation::kSilu:
      table_ = tables::kSilu.data();
      break;
    case Activation::kRelu:
      break;
  }
  end_ = kind == Activation::kRelu ? 0 : std::int64_t{512} << step_bits_;
  mask_ = (std::int64_t{1} << step_bits_) - 1;
}

template <typename Src, typename Dst>
std::uint64_t activate(Activation kind, const Requantiser& to_q16, const Requantiser& to_dst, std::size_t count,
                       const Src* src, Dst* dst) {
  const ActivationCurve curve(kind);
  std::uint64_t saturations = 0;
  if constexpr (std::is_same_v<Src, std::int16_t>) {
    // A long tensor has fewer different values than elements: each is computed once.
    constexpr std::size_t kValues = std::size_t{1} << 16;
    if (count > kValues) {
      std::vector<Outcome> outcomes(kValues, {0, std::numeric_limits<std::uint32_t>::max()});
      for (std::size_t i = 0; i < count; ++i) {
        Outcome& outcome = outcomes[static_cast<std::uint16_t>(src[i])];
        if (outcome.saturations == std::numeric_limits<std::uint32_t>::max()) {
          std::uint64_t own = 0;
          outcome.value = to_dst(curve(to_q16(src[i], own)), own);
          outcome.saturations = static_cast<std::uint32_t>(own);
        }
        dst[i] = static_cast<Dst>(outcome.value);
        saturations += outcome.saturations;
      }
      return saturations;
    }
  }
  for (std::size_t i = 0; i < count; ++i) {
    dst[i] = static_cast<Dst>(to_dst(curve(to_q16(src[i], saturations)), saturations));
  }
  return saturations;
}

using Count = std::uint64_t;
template Count activate(Activation, const Requantiser&, const Requantiser&, std::size_t, const std::int16_t*,
                        std::int16_t*);
template Count activate(Activation, const Requantiser&, const Requantiser&, std::size_t, const std::int16_t*,
                        std::int32_t*);
template Count activate(Activation, const Requantiser&, const Requantiser&, std::size_t, const std::int32_t*,
                        std::int16_t*);
template Count activate(Activation, const Requantiser&, const Requantiser&, std::size_t, const std::int32_t*,
                        std::int32_t*);

}  // namespace dixion

// SPDX-License-Identifier: Apache-2.0
// MASK_THRESHOLD: magnitudes to mask bits (docs/numerics.md section 19; time: docs/timing.md).
#include <bit>
#include <cmath>
#include <cstdlib>
#include <cstring>

#include "models/common/command_check.h"
#include "models/common/made_up_masks.h"
#include "models/common/operands.h"
#include "models/common/tensor_io.h"
#include "models/sparsity/sparsity_controller.h"

namespace dixion {
namespace {

constexpr unsigned kSrc = 0, kMask = 1;
constexpr Cycles kPipeline = 4;                // magnitude, compare, pack, write: assumed
constexpr std::uint32_t kMarksNothing = 2049;  // above the magnitude of -2048

constexpr std::uint64_t ceil_div(std::uint64_t a, std::uint64_t b) { return (a + b - 1) / b; }

}  // namespace

CommandError SparsityController::check_threshold(const Command& command) {
  CommandCheck check(command);
  const TensorView& src = command.operands[kSrc];
  check.format(kSrc, {DIXION_FORMAT_INT12}).rank(kSrc, 3, 3).format(kMask, {DIXION_FORMAT_UINT32}).rank(kMask, 3, 3);
  check.extent(kMask, 2, src.extent_from_end(2), "the batch of src");
  check.extent(kMask, 1, src.extent_from_end(1), "the T of src");
  check.extent(kMask, 0, mask_words(src.extent_from_end(0)), "a bit for each column of src");
  check.require(command.immediates[0] <= kMarksNothing, DIXION_CAUSE_BAD_IMMEDIATE, DIXION_FIELD_IMMEDIATE0,
                command.immediates[0], "a threshold of at most 2049");
  return check.error();
}

Demand SparsityController::threshold_demand(const Command& command) const {
  const TensorView& src = command.operands[kSrc];
  const auto cores = static_cast<std::uint64_t>(std::popcount(command.cores));
  Demand demand;
  demand.compute = ceil_div(src.elements(), config_.vector_lanes * cores) + kPipeline;
  demand.transfers = transfers_of(command);
  demand.mask.elements = src.elements();
  if (config_.compute_values) return demand;
  const std::unique_ptr<MaskSource> bits = mask_without_data(masks_, config_, command, kMask);
  const std::uint64_t columns = src.extent_from_end(0), rows = src.elements() / columns;
  if (bits->stored()) {
    demand.mask.kept = kept_in(*bits, rows, columns);
  } else {
    const auto [place, made] = assumed_kept_.try_emplace({rows, columns, bits->look()}, 0);
    if (made) place->second = kept_in(*bits, rows, columns);
    demand.mask.kept = place->second;
  }
  return demand;
}

CommandError SparsityController::execute_threshold(const Command& command, MemoryAccess& memory, Result& result) {
  const TensorView& src = command.operands[kSrc];
  std::vector<std::int16_t> values;
  if (!load_values(src, memory, values)) return unreadable(command, kSrc);
  const std::size_t columns = src.extent_from_end(0), rows = values.size() / columns, words = mask_words(columns);
  const auto threshold = static_cast<std::int32_t>(command.immediates[0]);
  std::vector<std::uint32_t> mask(rows * words, 0);
  Demand demand = threshold_demand(command);
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t j = 0; j < columns; ++j) {
      if (std::abs(std::int32_t{values[row * columns + j]}) < threshold) continue;
      mask[row * words + j / kMaskWordBits] |= std::uint32_t{1} << j % kMaskWordBits;
      ++demand.mask.kept;
    }
  }
  Result::Tensor& tensor = add_result(result, command.operands[kMask]);
  std::memcpy(tensor.bytes.data(), mask.data(), tensor.bytes.size());
  result.demand = std::move(demand);
  return {};
}

}  // namespace dixion

// SPDX-License-Identifier: Apache-2.0
#include "models/dma/transfer_plan.h"

#include <algorithm>

#include "models/common/tensor_io.h"

namespace dixion {
namespace {

constexpr Cycles kSetupCycles = 8;  // walk counters loaded, first addresses made (assumed)
constexpr Cycles kRunCycles = 1;    // next address on both sides (assumed)

constexpr std::uint64_t ceil_div(std::uint64_t a, std::uint64_t b) { return (a + b - 1) / b; }

}  // namespace

TransferPlan plan_transfer(const TensorView& view) {
  const ContiguousRuns runs = contiguous_runs(view);
  return {runs.runs(), runs.run_bytes};
}

TransferPlan plan_transfer(const TensorView& src, const TensorView& dst) {
  // Runs are products of the same innermost extents, so the shorter ones divide the longer.
  const TransferPlan from = plan_transfer(src);
  const TransferPlan to = plan_transfer(dst);
  return from.run_bytes <= to.run_bytes ? from : to;
}

TransferPlan plan_pieces(const TensorView& view, std::uint64_t elements) {
  const TransferPlan plan = plan_transfer(view);
  const std::uint64_t piece = std::min(plan.run_bytes, elements * element_bytes(view.format));
  return {plan.runs * plan.run_bytes / piece, piece};
}

Cycles transfer_cycles(const AcceleratorConfig& config, const TransferPlan& plan, unsigned channels) {
  // A channel takes whole runs; a single run is not divided.
  const std::uint64_t runs = ceil_div(plan.runs, std::max(1U, channels));
  return kSetupCycles + runs * (ceil_div(plan.run_bytes, config.dma_bytes_per_cycle) + kRunCycles);
}

}  // namespace dixion

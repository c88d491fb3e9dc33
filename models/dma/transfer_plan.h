// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "models/common/accelerator_config.h"
#include "models/common/clock.h"
#include "models/common/tensor_view.h"

namespace dixion {

/// How a DMA channel walks a transfer: runs that are contiguous on both sides.
struct TransferPlan {
  std::uint64_t runs = 0;
  std::uint64_t run_bytes = 0;  ///< of every run
};

/// One side only, as a fill writes it.
[[nodiscard]] TransferPlan plan_transfer(const TensorView& view);
/// Views of the same extents and format: the shorter runs of both decide.
[[nodiscard]] TransferPlan plan_transfer(const TensorView& src, const TensorView& dst);
/// One side only, written in pieces of `elements` elements of its last extent as they lie together in a buffer.
[[nodiscard]] TransferPlan plan_pieces(const TensorView& view, std::uint64_t elements);

/// accel_cycles of a plan on `channels` channels (docs/timing.md, "DMA").
[[nodiscard]] Cycles transfer_cycles(const AcceleratorConfig& config, const TransferPlan& plan, unsigned channels);

}  // namespace dixion

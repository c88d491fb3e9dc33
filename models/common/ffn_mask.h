// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "models/common/accelerator_config.h"
#include "models/common/mask_source.h"

namespace dixion {

/// What stands for the mask of a feed-forward network where there are no values (timing mode): the only place that says
/// so. All commands of a run see the same bits.
inline StatisticalMask assumed_ffn_mask(const AcceleratorConfig& config) {
  return {config.ffn_mask_density, config.mask_seed};
}

/// Tiles of one size that are looked at in such a mask; the others are taken to be like these.
inline constexpr std::uint64_t kAssumedTiles = 16;

}  // namespace dixion

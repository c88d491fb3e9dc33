// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>

#include "models/common/accelerator_config.h"
#include "models/common/mask_store.h"
#include "models/common/statistical_mask.h"

namespace dixion {

/// Masks without structure, of the densities that the accelerator is configured with.
[[nodiscard]] StatisticalMasks made_up_masks(const AcceleratorConfig& config);

/// What stands for the bits of a command's mask in timing mode. Engines that are used alone have no store.
[[nodiscard]] std::unique_ptr<MaskSource> mask_without_data(const MaskStore* masks, const AcceleratorConfig& config,
                                                            const Command& command, unsigned operand);

/// Bits that are 1 in so many rows; where the mask is not stored, as 256 of them, spread evenly, have it.
[[nodiscard]] std::uint64_t kept_in(const MaskSource& mask, std::uint64_t rows, std::size_t columns);

/// Tiles of one size that are looked at in a mask that is not stored; the others are taken to be like these.
inline constexpr std::uint64_t kAssumedTiles = 16;

}  // namespace dixion

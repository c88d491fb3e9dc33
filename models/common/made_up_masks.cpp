// SPDX-License-Identifier: Apache-2.0
#include "models/common/made_up_masks.h"

#include <algorithm>
#include <vector>

#include "models/common/mask_bits.h"

namespace dixion {

StatisticalMasks made_up_masks(const AcceleratorConfig& config) {
  StatisticalMasks masks(config.mask_density, config.mask_seed);
  masks.law(MaskKind::kElements).density = config.ffn_mask_density;
  return masks;
}

std::unique_ptr<MaskSource> mask_without_data(const MaskStore* masks, const AcceleratorConfig& config,
                                              const Command& command, unsigned operand) {
  if (masks != nullptr) return masks->mask(command, operand);
  return made_up_masks(config).mask(request_of(command, *mask_operand(command.info->value, operand)));
}

std::uint64_t kept_in(const MaskSource& mask, std::uint64_t rows, std::size_t columns) {
  constexpr std::uint64_t kSampledRows = 256;
  const std::uint64_t looked_at = mask.stored() ? rows : std::min(rows, kSampledRows);
  std::vector<std::uint32_t> words(mask_words(columns));
  std::uint64_t kept = 0;
  for (std::uint64_t i = 0; i < looked_at; ++i) {
    mask.row(i * rows / looked_at, columns, words.data());
    kept += kept_keys(words.data(), columns);
  }
  return looked_at == rows ? kept : kept * rows / looked_at;
}

}  // namespace dixion

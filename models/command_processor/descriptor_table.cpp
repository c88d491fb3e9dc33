// SPDX-License-Identifier: Apache-2.0
#include "models/command_processor/descriptor_table.h"

#include <algorithm>

namespace dixion {

void DescriptorTable::place(std::uint64_t base, std::uint32_t entries) {
  base_ = base;
  entries_ = entries;
  ++placements_;
  cache_.drop();
}

bool DescriptorTable::read(std::uint32_t index, dixion_descriptor_t& descriptor) {
  if (const dixion_descriptor_t* cached = cache_.find(index)) {
    descriptor = *cached;
    return true;
  }
  const std::uint64_t placement = placements_;
  const std::uint32_t start = DescriptorCache::line_start(index);
  const std::uint32_t length = std::min(DescriptorCache::kLineEntries, entries_ - start);
  DescriptorCache::Line line{};
  if (!memory_.read(base_ + std::uint64_t{start} * sizeof descriptor, line.data(), length * sizeof descriptor)) {
    return false;
  }
  descriptor = line[index - start];
  if (placement == placements_) cache_.fill(index, line);
  return true;
}

}  // namespace dixion

// SPDX-License-Identifier: Apache-2.0
#include "models/command_processor/descriptor_cache.h"

namespace dixion {

const dixion_descriptor_t* DescriptorCache::find(std::uint32_t index) {
  const std::uint32_t line = index / kLineEntries;
  const Slot& slot = slots_[line % kLines];
  if (!slot.valid || slot.line != line) {
    ++misses_;
    return nullptr;
  }
  ++hits_;
  return &slot.entries[index % kLineEntries];
}

void DescriptorCache::fill(std::uint32_t index, const Line& line) {
  const std::uint32_t number = index / kLineEntries;
  slots_[number % kLines] = {true, number, line};
}

void DescriptorCache::drop() {
  for (Slot& slot : slots_) slot.valid = false;
}

}  // namespace dixion

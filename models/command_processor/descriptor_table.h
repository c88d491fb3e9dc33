// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "models/command_processor/decoder.h"
#include "models/command_processor/descriptor_cache.h"
#include "models/common/execution.h"

namespace dixion {

/// The table of tensor descriptors in memory, read through the cache. read() takes time on a miss: only from an
/// SC_THREAD. Several may read at the same time.
class DescriptorTable final : public DescriptorSource {
 public:
  explicit DescriptorTable(TimedMemory& memory) : memory_(memory) {}

  /// Drops all cached descriptors.
  void place(std::uint64_t base, std::uint32_t entries);

  [[nodiscard]] std::uint32_t count() override { return entries_; }
  [[nodiscard]] bool read(std::uint32_t index, dixion_descriptor_t& descriptor) override;
  [[nodiscard]] bool contains(std::uint64_t address, std::uint64_t length) override {
    return memory_.contains(address, length);
  }
  [[nodiscard]] const DescriptorCache& cache() const { return cache_; }

 private:
  TimedMemory& memory_;
  DescriptorCache cache_;
  std::uint64_t base_ = 0;
  std::uint32_t entries_ = 0;
  std::uint64_t placements_ = 0;  // a line that was under way when the table moved is not kept
};

}  // namespace dixion

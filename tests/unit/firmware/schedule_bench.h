// SPDX-License-Identifier: Apache-2.0
/// Builds schedules from images made by hand.
#pragma once

#include <gtest/gtest.h>

#include "models/abi/generated/commands_table.h"
#include "tests/unit/firmware/tiny_image.h"
extern "C" {
#include "firmware/runtime/schedule.h"
}

namespace dixion::test {

/// Number of the first operand that the opcode writes.
inline unsigned output_operand(unsigned opcode) {
  for (const abi::OpcodeInfo& info : abi::kOpcodes) {
    if (info.value != opcode) continue;
    for (unsigned i = 0; i < info.operands.size(); ++i) {
      if (info.operands[i].output) return i;
    }
  }
  ADD_FAILURE() << "opcode " << opcode << " writes nothing";
  return 0;
}

struct ScheduleBench : testing::Test {
  Arena arena{0x8000'0000, 8 << 20};
  MemoryOnlyPort port{arena};
  accel_capabilities_t capabilities{};
  TinyImage image;
  schedule_t schedule{};
  image_problem_t problem{};
  std::size_t used = 0;  ///< bytes of memory that the last build took

  void SetUp() override {
    capabilities.dma_channels = 2;
    capabilities.semaphores = 64;
    capabilities.global_buffer_bytes = 4096;
  }
  status_t build(std::size_t room = 4 << 20) {
    dixion_image_header_t* header = image.pack(arena);
    bump_t memory;
    std::uint8_t* begin = arena.data() + (header->size + 63) / 64 * 64;
    bump_init(&memory, begin, begin + room);
    const status_t status = schedule_build(&schedule, header, header->size, &capabilities, &memory, &problem);
    used = room - bump_left(&memory);
    return status;
  }
  /// The descriptor that commands use for `tensor` outside the ring.
  const dixion_descriptor_t& descriptor(std::uint32_t tensor) { return schedule.descriptors.entries[tensor + 1]; }
  std::uint64_t address(std::uint32_t tensor) { return descriptor(tensor).address; }
  const command_list_t& list(dixion_phase phase) { return schedule.lists[phase]; }
  [[nodiscard]] bool in_global_buffer(std::uint64_t address) const {
    return address >= DIXION_GLOBAL_BUFFER_BASE &&
           address < DIXION_GLOBAL_BUFFER_BASE + capabilities.global_buffer_bytes;
  }
};

}  // namespace dixion::test

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace dixion {

/// What a mask or a row list is worth. All 0 for commands without either.
struct MaskWork {
  std::uint64_t elements = 0;        ///< of the mask that the command reads or writes
  std::uint64_t kept = 0;            ///< of these, those with a 1
  std::uint64_t macs_marked = 0;     ///< of the command's macs, those that mask or row list say need not be done
  std::uint64_t macs_exploited = 0;  ///< of these, those that the hardware did not do
  std::uint64_t list_cycles = 0;     ///< accel_cycles of all tiles in list mode
  std::uint64_t list_stalls = 0;     ///< of these, summed over groups, with a group waiting for a full FIFO
  double list_variance = 0;          ///< of list_cycles, where they are estimated from a sample
  /// Blocks of an output mask, a pass of the array each: as if all outputs were needed, without columns that no row of
  /// a tile needs, and as they run (merged, where there is a schedule).
  std::uint64_t blocks_before = 0, blocks_condensed = 0, blocks_merged = 0;
  std::uint64_t block_outputs = 0;  ///< needed outputs in the blocks that run
  std::uint64_t block_units = 0;    ///< units of the array in these, each for one output, needed or not
  double blocks_variance = 0;       ///< of blocks_merged, where they are estimated from a sample
  std::uint64_t tokens = 0;          ///< rows of tokens of commands with a row list, over all samples of the batch
  std::uint64_t active_tokens = 0;   ///< of these, listed

  MaskWork& operator+=(const MaskWork& other) {
    elements += other.elements;
    kept += other.kept;
    macs_marked += other.macs_marked;
    macs_exploited += other.macs_exploited;
    list_cycles += other.list_cycles;
    list_stalls += other.list_stalls;
    list_variance += other.list_variance;
    blocks_before += other.blocks_before;
    blocks_condensed += other.blocks_condensed;
    blocks_merged += other.blocks_merged;
    block_outputs += other.block_outputs;
    block_units += other.block_units;
    blocks_variance += other.blocks_variance;
    tokens += other.tokens;
    active_tokens += other.active_tokens;
    return *this;
  }
};

}  // namespace dixion

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace dixion {

/// Shape of the accelerator. Defaults are the edge configuration EXION4 as far as it is known; what is published,
/// derived or assumed stands beside each parameter in platform/configs/.
struct AcceleratorConfig {
  std::uint64_t clock_hz = 800'000'000;

  unsigned cores = 4;           ///< 1 to 64
  unsigned array_rows = 16;     ///< rows of dot-product units per core (tokens of one tile)
  unsigned array_columns = 16;  ///< columns of units per core (output channels of one tile)
  unsigned dot_length = 16;     ///< products a unit adds per accel_cycle
  /// List mode of attention under a mask (docs/timing.md): groups of the array that walk a list each; 0: there is none.
  unsigned list_groups = 0;
  unsigned list_words_per_cycle = 1;  ///< words of the core SRAM that a group takes per accel_cycle
  unsigned list_fifo_depth = 16;      ///< words that wait at a bank
  bool list_multicast = true;         ///< a word is read once for all groups that wait for it
  /// Which keys ATTENTION_MARK keeps (models/engines/matrix/mask_rule.h); "threshold" is docs/numerics.md's.
  std::string mask_rule = "threshold";
  unsigned vector_lanes = 64;         ///< elements one core's vector engine takes per accel_cycle
  /// Log-domain array of one core's prediction engine; rows 0: the accelerator has none.
  unsigned prediction_rows = 16;
  unsigned prediction_columns = 16;
  unsigned prediction_length = 16;  ///< log-domain products a unit adds per accel_cycle

  std::uint64_t core_sram_bytes = 384 * 1024;
  unsigned core_sram_banks = 16;  ///< power of two
  unsigned core_sram_word_bytes = 32;
  /// How words are spread over the banks: "interleave", "xor", "ipoly", "prime", "matrix" (models/memory/bank_map.h).
  std::string core_sram_map = "interleave";
  /// Of "matrix": per bit of the bank, lowest first, the bits of the word number that it is the xor of.
  std::vector<std::uint64_t> core_sram_masks;

  std::uint64_t global_buffer_bytes = 8 * 1024 * 1024;
  unsigned global_buffer_banks = 16;       ///< power of two
  unsigned global_buffer_word_bytes = 32;  ///< bytes a bank delivers per accel_cycle
  std::string global_buffer_map = "interleave";
  std::vector<std::uint64_t> global_buffer_masks;

  unsigned dma_channels = 2;             ///< 1 to 8
  unsigned dma_bytes_per_cycle = 64;     ///< what one channel moves per accel_cycle at most
  unsigned memory_bytes_per_cycle = 64;  ///< width of the port to the memory system
  unsigned burst_bytes = 256;            ///< ordinary bursts, where a target does not understand streams

  unsigned queues = 2;           ///< 1 to DIXION_MAX_QUEUES
  unsigned prefetch = 16;        ///< commands fetched ahead per queue, at least 8
  unsigned register_cycles = 4;  ///< accel_cycles one register access takes
  unsigned dispatch_cycles = 4;  ///< accel_cycles to decode and dispatch one command (assumed)

  /// In timing mode masks have no bits: this share of them is taken to be set, where is drawn from the seed. The seed
  /// also draws the tiles that time is estimated from.
  double mask_density = 1;
  double ffn_mask_density = 1;  ///< of the masks of feed-forward networks, likewise
  std::uint64_t mask_seed = 1;

  std::string merge_rule = "greedy";  ///< how ConMerge merges (models/sparsity/merge_rule.h)
  /// Of one core's generator of ConMerge schedules (docs/conmerge.md, "Time and traffic"; assumed).
  unsigned conmerge_columns_per_cycle = 1;  ///< of a tile's mask, classified per accel_cycle; at least 1
  unsigned conmerge_candidate_cycles = 16;  ///< accel_cycles to load a block or to try one
  bool check_schedules = false;       ///< every ConMerge schedule is replayed when it is built and when it is used
  std::string token_rule = "ranked";  ///< how TOKEN_DECISION chooses (models/sparsity/token_rule.h)
  /// In timing mode: this share of each sample's tokens is taken to be active, 0...1; 0: as the rule decides on made-up
  /// changes of the latent.
  double token_share = 0;

  /// False is timing mode: tensors are neither read nor computed nor stored, everything else is as it is. All times and
  /// counters but those of saturations are the same; what depends on tensor values is not (docs/timing.md).
  bool compute_values = true;
};

}  // namespace dixion

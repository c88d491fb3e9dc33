// SPDX-License-Identifier: Apache-2.0
/// Tiles of queries of attention under a mask: what each takes, and which a core has. Formulas, sources, assumptions:
/// docs/timing.md, "Attention under a mask".
#pragma once

#include <cstdint>
#include <vector>

#include "models/common/accelerator_config.h"
#include "models/common/mask_bits.h"
#include "models/common/mask_supply.h"
#include "models/engines/matrix/attention_chain.h"
#include "models/engines/matrix/list_array.h"
#include "models/engines/matrix/matrix_timing.h"

namespace dixion {

/// Queries of one head that a core takes at a time.
struct MaskedTile {
  std::uint64_t rows = 0;  ///< queries
  std::uint64_t kept = 0;  ///< elements of the mask
  std::uint64_t skipped_macs = 0;
  std::uint64_t scored = 0;          ///< keys that have scores, unless it runs as lists
  std::uint64_t weighed = 0;         ///< keys whose values are weighed, likewise
  std::vector<AttentionTile> array;  ///< the array's tiles, in order; none: it runs as lists
  Cycles list_cycles = 0;
  std::uint64_t list_stalls = 0;
};

/// Heads and queries of each, begin and end.
struct CoreShare {
  std::uint64_t first_head = 0, last_head = 0, first_query = 0, last_query = 0;
};

class MaskedTiles {
 public:
  /// All but `bit`, `split` and `cores` outlive it; as masked_attention_timing() takes them.
  MaskedTiles(const AcceleratorConfig& config, OperandDelivery& delivery, const AttentionShape& shape,
              dixion_split split, unsigned cores, const MaskSource& mask, const MaskTile& bit);

  [[nodiscard]] std::uint64_t count() const { return shape_.heads * per_head(); }
  /// Queries of every tile, but those at the end of a head or of a core's share.
  [[nodiscard]] std::uint64_t rows() const { return rows_; }
  [[nodiscard]] std::uint64_t cores() const { return cores_; }
  /// The first core's is the largest.
  [[nodiscard]] CoreShare share(std::uint64_t core) const;
  [[nodiscard]] std::uint64_t number_of(std::uint64_t head, std::uint64_t query) const {
    return head * per_head() + query / rows_;
  }
  /// Counts what the mask keeps of tile `number`; where it runs as lists, runs them.
  [[nodiscard]] MaskedTile look_at(std::uint64_t number);
  /// `rows` queries of which as much is kept as of those of `tile`.
  void add(AttentionChain& chain, const MaskedTile& tile, std::uint64_t rows) const;

 private:
  class Rows;

  [[nodiscard]] std::uint64_t per_head() const { return (shape_.queries + rows_ - 1) / rows_; }
  void prepare_lists();
  [[nodiscard]] ListQuery query_of(const Rows& rows, std::uint64_t i) const;
  [[nodiscard]] Cycles expected_of_lists(std::uint64_t words, std::uint64_t elements) const;
  /// As lists or, where the counts of what they keep promise less of that, in full.
  void decide(const Rows& rows, MaskedTile& tile);
  [[nodiscard]] std::vector<AttentionTile> array_tiles(std::uint64_t rows, std::uint64_t scored,
                                                       std::uint64_t weighed) const;

  const AcceleratorConfig& config_;
  OperandDelivery& delivery_;
  const AttentionShape& shape_;
  const MaskSource& mask_;
  MaskTile bit_;
  bool by_heads_;
  std::uint64_t cores_;
  std::uint64_t part_, rows_;  // queries of a head that a core has, and that are a tile
  // List mode.
  std::uint64_t keys_per_word_ = 0, words_per_key_ = 0;
  ListArray list_array_;
  ListTile work_;
};

}  // namespace dixion

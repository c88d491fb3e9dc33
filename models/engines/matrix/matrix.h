// SPDX-License-Identifier: Apache-2.0
/// The matrix engine: matrix products and attention.
/// Models: tiles over cores, operand delivery, passes over operands that do not fit (matrix_timing.h), exact values
/// (matmul_function.h, attention_function.h), masks of attention and of products with their ConMerge schedules. Omits:
/// floating-point formats, which count for time and energy only.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "models/common/accelerator_config.h"
#include "models/common/engine.h"
#include "models/common/kernel_set.h"
#include "models/common/mask_store.h"
#include "models/engines/matrix/mask_rule.h"
#include "models/engines/matrix/masked_matmul_timing.h"
#include "models/engines/matrix/masked_timing.h"
#include "models/engines/matrix/matmul_rows_timing.h"
#include "models/engines/matrix/matrix_timing.h"
#include "models/engines/matrix/operand_delivery.h"
#include "models/sparsity/column_tiles.h"
#include "models/sparsity/merge_rule.h"

namespace dixion {

class MatrixEngine final : public Engine {
 public:
  /// `kernels` and `masks` outlive the engine. `masks`: whose bits stand for masks in timing mode; without it, bits of
  /// the configured density do.
  MatrixEngine(const AcceleratorConfig& config, const KernelSet& kernels, MaskStore* masks = nullptr)
      : config_(config),
        kernels_(kernels),
        masks_(masks),
        delivery_(config),
        mask_rule_(make_mask_rule(config.mask_rule)),
        rule_(make_merge_rule(config.merge_rule)) {}

  [[nodiscard]] CommandError check(const Command& command) const override;
  [[nodiscard]] Demand demand(const Command& command) const override;
  [[nodiscard]] CommandError execute(const Command& command, MemoryAccess& memory, Result& result) override;

 private:
  /// A mask as masked products see it.
  struct TiledMask {
    std::vector<TileWork> tiles;
    std::uint64_t used = 0;    ///< columns that at least one row keeps
    std::uint64_t kept = 0;    ///< MATMUL_PARTIAL only: elements
    std::uint64_t hidden = 0;  ///< elements of a tensor by tiles' columns, a column per bit
  };

  [[nodiscard]] Demand matmul_demand(const Command& command) const;
  // masked_matmul.cpp
  [[nodiscard]] CommandError check_masked_matmul(const Command& command) const;
  [[nodiscard]] Demand masked_matmul_demand(const Command& command) const;
  [[nodiscard]] CommandError execute_masked_matmul(const Command& command, MemoryAccess& memory, Result& result);
  /// `src` by tiles' columns into first_, 0 where a column is not needed.
  [[nodiscard]] bool load_columns(const ColumnTiles& tiles, const TensorView& src, MemoryAccess& memory);
  /// What the records of the schedule in `operand` name takes the place of mask_; their blocks go to `tiles`.
  [[nodiscard]] CommandError load_schedule(const Command& command, const TileShape& shape, unsigned operand,
                                           MemoryAccess& memory, std::vector<TileWork>& tiles);
  /// Time and work under a mask, or without one if it has no tiles; `limit` as in tile_works().
  [[nodiscard]] Demand masked_demand(const Command& command, const TiledMask& mask, std::uint64_t limit) const;

  /// Null: the bits are not known yet, the configured density stands for them.
  [[nodiscard]] Demand matmul_rows_demand(const Command& command) const;
  [[nodiscard]] Demand matmul_rows_demand(const Command& command, const MaskSource& bits) const;
  [[nodiscard]] RowsTiming rows_timing(const Command& command, const MaskSource& bits) const;
  [[nodiscard]] Demand attention_demand(const Command& command) const;
  /// As if there were no mask.
  [[nodiscard]] Demand dense_demand(const Command& command) const;
  [[nodiscard]] CommandError execute_matmul(const Command& command, MemoryAccess& memory, Result& result);
  [[nodiscard]] CommandError execute_matmul_rows(const Command& command, MemoryAccess& memory, Result& result);
  [[nodiscard]] CommandError execute_attention(const Command& command, MemoryAccess& memory, Result& result);
  [[nodiscard]] static CommandError check_matmul_rows(const Command& command);
  [[nodiscard]] CommandError check_attention(const Command& command) const;
  /// Time and work of a command with a mask of these bits.
  void add_mask_work(const Command& command, const MaskSource& bits, Demand& demand) const;
  /// The same with a schedule.
  void add_schedule_work(const Command& command, const std::vector<TileWork>& tiles, std::uint64_t limit,
                         Demand& demand) const;
  /// What a mask without data makes of a schedule's tiles.
  void add_schedule_work(const Command& command, const MaskSource& bits, Demand& demand) const;
  /// Reads the schedule; scores that no record names are not kept in mask_ any more.
  [[nodiscard]] CommandError take_schedule(const Command& command, MemoryAccess& memory, std::vector<TileWork>& tiles);

  [[nodiscard]] MaskedTiming masked_timing(const Command& command, const MaskSource& mask) const;
  /// With made-up bits, remembered by shape and look.
  [[nodiscard]] const MaskedTiming& assumed_timing(const Command& command, const MaskSource& bits) const;

  AcceleratorConfig config_;
  const KernelSet& kernels_;
  MaskStore* masks_;
  mutable OperandDelivery delivery_;  // remembers results only
  std::unique_ptr<MaskRule> mask_rule_;
  mutable std::map<std::array<std::uint64_t, 9>, MaskedTiming> assumed_timings_;
  mutable std::map<std::array<std::uint64_t, 9>, RowsTiming> assumed_rows_;
  // Dense operands. Kept between commands only to keep their memory.
  std::vector<std::int16_t> first_, second_, third_;
  std::vector<std::uint8_t> weight_bytes_, mask_bytes_;
  std::vector<std::uint32_t> mask_;

  std::unique_ptr<MergeRule> rule_;
  mutable std::map<std::array<std::uint64_t, 8>, TiledMask> assumed_;  // made-up masks; remembers results only
  mutable std::map<std::array<std::uint64_t, 5>, std::vector<TileWork>> assumed_scores_;  // likewise
};

}  // namespace dixion

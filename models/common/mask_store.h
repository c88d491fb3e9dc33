// SPDX-License-Identifier: Apache-2.0
/// Timing mode's memory of masks: which command made the mask at an address. No bits are kept: they are asked for again
/// from the supply, and equal requests give equal bits, so that a command which reads a mask sees what was made.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <tuple>
#include <utility>
#include <vector>

#include "models/common/mask_operands.h"
#include "models/common/mask_supply.h"

namespace dixion {

class MaskStore {
 public:
  /// `supply` outlives the store.
  explicit MaskStore(const MaskSupply& supply) : supply_(supply) {}

  /// DMA commands other than DMA_COPY that take words of a mask, or copies of a token list: timing mode has no bytes to
  /// look at. DIXION_CAUSE_BAD_PARAMETER at src, with its address.
  [[nodiscard]] CommandError check(const Command& command) const;
  /// The command begins: before its demand is asked for.
  void begin(const Command& command);
  /// Its results are visible now, or it failed: from now on the masks it made, or copied, are what is read at their
  /// addresses.
  void end(const Command& command, bool failed);

  /// While one of these lives, mask() is asked about a command on compact operands: row i of those that are not where
  /// `whole` has them is row `rows[i]` of its operand, counted over samples and tokens. All outlive it.
  class Selection {
   public:
    Selection(MaskStore& store, const Command& whole, const std::vector<std::uint32_t>& rows)
        : store_(store), whole_(whole), rows_(rows) {
      store_.selection_ = this;
    }
    ~Selection() { store_.selection_ = nullptr; }
    Selection(const Selection&) = delete;
    Selection& operator=(const Selection&) = delete;

   private:
    friend class MaskStore;
    MaskStore& store_;
    const Command& whole_;
    const std::vector<std::uint32_t>& rows_;
  };

  /// Bits of the mask that the command makes or reads at `operand` (a line of mask_operands.cpp). A mask that no
  /// command made is requested as such. Null only for token lists of
  /// which the supply knows nothing; not to be kept beyond the command.
  [[nodiscard]] std::unique_ptr<MaskSource> mask(const Command& command, unsigned operand) const;

 private:
  struct Copy;
  struct Made {
    MaskRequest request;
    TensorView view;
    std::uint64_t number;              // the larger, the later
    std::shared_ptr<const Copy> copy;  // of others, by DMA; the request then says nothing
  };
  /// What lay in `from` when it was copied.
  struct Copy {
    TensorView from;
    std::vector<Made> sources;
  };
  /// DMA put something else there.
  static bool is_nobodys(const Made& made) { return made.copy != nullptr && made.copy->sources.empty(); }
  /// A row as its maker counts it; without a maker, nobody made it.
  struct Row {
    const Made* made = nullptr;
    std::uint64_t number = 0;
  };
  class Pieces;    // a mask that several commands made, or a part of one
  class Selected;  // some rows of a mask

  void end_of_dma(const Command& command, const TensorView& to);
  /// Results that are no masks took the memory of what was there.
  void forget(const TensorView& view);
  void erase(const Made& made);
  void insert(Made made);
  [[nodiscard]] MaskRequest made_by(const Command& command, const MaskOperand& operand) const;
  [[nodiscard]] std::unique_ptr<MaskSource> whole_mask(const Command& command, unsigned operand) const;
  [[nodiscard]] std::vector<const Made*> made_in(const TensorView& view) const;
  /// The last mask made that has a row at `address`; null if there is none.
  [[nodiscard]] const Made* at(std::uint64_t address) const;
  [[nodiscard]] static bool has_row(const Made& made, std::uint64_t address);
  /// Follows copies, from the one that has a row at `address`.
  [[nodiscard]] static Row original(const Made* made, std::uint64_t address);

  using CommandKey = std::tuple<std::uint8_t, std::uint32_t, std::uint32_t>;  // queue, id, index in the list
  static CommandKey key_of(const Command& command) { return {command.queue, command.id, command.list_index}; }
  struct Place {
    std::uint32_t ordinal = 0, site = 0;
  };

  const MaskSupply& supply_;
  MaskOrdinals ordinals_;
  const Selection* selection_ = nullptr;
  std::map<CommandKey, Place> running_;
  std::map<std::pair<std::uint32_t, std::uint64_t>, std::uint32_t> sites_;  // layer and address -> number
  std::multimap<std::uint64_t, Made> made_;                                 // by address
  std::uint64_t count_ = 0, longest_ = 0;                                   // masks made; bytes of the longest
};

}  // namespace dixion

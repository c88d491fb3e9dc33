// SPDX-License-Identifier: Apache-2.0
/// A channel's state up to a shift of time and of rows, as a list of words. One function writes and reads it, so that
/// nothing can be saved and not restored.
#pragma once

#include <vector>

#include "platform/dram/fast_forward.h"

namespace dixion::dram {

struct FastForward::View {
  /// Finds the streams under way and the rows they may come to. `usable()` says whether the state can be compared.
  View(ChannelState& state, const FastForward& memory);
  /// The same with the streams of `mark`, of which one may have finished since.
  View(ChannelState& state, const FastForward& memory, const Mark& mark);
  [[nodiscard]] bool usable() const { return usable_; }

  /// False if something does not fit its place; then the words mean nothing.
  bool save(std::vector<std::uint64_t>& into);
  /// Banks in the order of the words: the first stream's is the first of its group.
  [[nodiscard]] unsigned bank_at(unsigned place) const {
    return (place & ~turn_mask()) | ((place + static_cast<unsigned>(here_[0])) & turn_mask());
  }
  /// The time and the cursors must be set before.
  void load(const std::uint64_t* from);

  ChannelState& s;
  unsigned banks;
  unsigned groups;
  unsigned streams = 0;
  std::array<std::uint8_t, kStreams> slot{};
  std::uint64_t foreign = 0;  ///< found by save(): bit i for bank_at(i)
  std::uint64_t sharing = 0;  ///< see Mark
  AddressMap::Pattern pattern{};

 private:
  // Rows are counted through the banks of a group, as streams come to them: AddressMap::Pattern::stripe().
  struct Stripes {
    std::uint64_t first;
    std::uint64_t last;
  };
  void find_stripes();
  [[nodiscard]] std::uint64_t stripes_between(unsigned i, unsigned j) const;
  [[nodiscard]] std::uint64_t stripe(std::uint32_t row, unsigned bank) const {
    return std::uint64_t{row} << pattern.turn_bits | (bank & turn_mask());
  }
  [[nodiscard]] unsigned turn_mask() const { return (1U << pattern.turn_bits) - 1; }
  [[nodiscard]] unsigned index_of(std::uint8_t source) const;

  struct Writer;
  struct Reader;
  template <typename Archive>
  void transfer(Archive& archive);
  template <typename Archive>
  void transfer_stream(Archive& archive, unsigned index);

  bool usable_ = false;
  std::array<Stripes, kStreams> stripes_;
  std::array<std::uint64_t, kStreams> here_;
};

}  // namespace dixion::dram

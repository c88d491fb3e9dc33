// SPDX-License-Identifier: Apache-2.0
/// A channel's state up to a shift of time and of rows, as a list of words. One function writes and reads it, so that
/// nothing can be saved and not restored.
#pragma once

#include <vector>

#include "platform/dram/fast_forward.h"

namespace dixion::dram {

struct FastForward::View {
  /// Finds the active streams and the rows they may come to. `usable()` says whether the state can be compared at all.
  View(ChannelState& state, unsigned bank_count, unsigned group_count);
  [[nodiscard]] bool usable() const { return usable_; }

  void save(std::vector<std::uint64_t>& into);
  /// The time and what the cursors passed over must be set before.
  void load(const std::vector<std::uint64_t>& from);

  ChannelState& s;
  unsigned banks;
  unsigned groups;
  unsigned streams = 0;
  unsigned slot[kStreams] = {};
  std::uint64_t foreign = 0;  ///< found by save()

 private:
  struct Rows {
    std::uint32_t first;
    std::uint32_t last;
  };
  void find_rows(unsigned index);
  [[nodiscard]] std::uint64_t rows_between(unsigned i, unsigned j) const;
  /// Row where stream `index` is.
  [[nodiscard]] std::uint32_t row_of(unsigned index) const;

  struct Writer;
  struct Reader;
  template <typename Archive>
  void transfer(Archive& archive);
  template <typename Archive>
  void transfer_stream(Archive& archive, unsigned index);

  bool usable_ = false;
  unsigned turn_ = 0;
  Rows rows_[kStreams] = {};
};

}  // namespace dixion::dram

// SPDX-License-Identifier: Apache-2.0
/// A channel's state up to a shift of time and of rows, as a list of words. One function writes and reads it, so that
/// nothing can be saved and not restored.
#pragma once

#include <vector>

#include "platform/dram/fast_forward.h"

namespace dixion::dram {

struct FastForward::View {
  /// Finds the streams under way and the rows they may come to. `usable()` says whether the state can be compared.
  View(ChannelState& state, unsigned bank_count, unsigned group_count);
  /// The same with the streams of `record`, of which one may have finished since.
  View(ChannelState& state, unsigned bank_count, unsigned group_count, const Record& record);
  [[nodiscard]] bool usable() const { return usable_; }

  /// False if something does not fit its place; then the words mean nothing.
  bool save(std::vector<std::uint64_t>& into);
  /// The time and the cursors must be set before.
  void load(const std::uint64_t* from);

  ChannelState& s;
  unsigned banks;
  unsigned groups;
  unsigned streams = 0;
  std::array<std::uint8_t, kStreams> slot{};
  std::uint64_t foreign = 0;  ///< found by save()
  std::uint64_t sharing = 0;  ///< see Record

 private:
  struct Rows {
    std::uint32_t first;
    std::uint32_t last;
  };
  void find_rows();
  [[nodiscard]] std::uint64_t rows_between(unsigned i, unsigned j) const;
  /// Row where stream `index` is.
  [[nodiscard]] std::uint32_t row_of(unsigned index) const;
  [[nodiscard]] unsigned index_of(std::uint8_t source) const;

  struct Writer;
  struct Reader;
  template <typename Archive>
  void transfer(Archive& archive);
  template <typename Archive>
  void transfer_stream(Archive& archive, unsigned index);

  bool usable_ = false;
  std::array<Rows, kStreams> rows_{};
  std::array<std::uint32_t, kStreams> here_{};
};

}  // namespace dixion::dram

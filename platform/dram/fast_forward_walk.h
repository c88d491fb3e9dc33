// SPDX-License-Identifier: Apache-2.0
/// A way along edges: how far it has come, and what lies ahead of its streams.
#pragma once

#include <algorithm>

#include "platform/dram/fast_forward_view.h"

namespace dixion::dram {

struct FastForward::Walk {
  Walk(const View& view, MemoNode& from, std::array<StreamCursor, kStreams>& cursors)
      : node(&from),
        pattern(view.pattern),
        streams(view.streams),
        cursor(cursors),
        now(view.s.now),
        due(view.s.refresh_due),
        bank(view.s.refresh_bank) {
    for (unsigned i = 0; i < streams; ++i) {
      cursor[i] = view.s.stream[view.slot[i]].cursor;
      counts[i].fill(0);
    }
  }

  /// Streams whose regular level may end before the next checkpoint.
  [[nodiscard]] unsigned ending() const {
    unsigned mask = 0;
    for (unsigned i = 0; i < streams; ++i) {
      if (!cursor[i].exhausted && cursor[i].left() <= cursor[i].plan->horizon) mask |= 1U << i;
    }
    return mask;
  }
  /// Streams that may come to other rows before.
  [[nodiscard]] unsigned crossing() const {
    if (!pattern.endless) return 0;
    unsigned mask = 0;
    for (unsigned i = 0; i < streams; ++i) {
      if (cursor[i].exhausted || !cursor[i].plan->atoms_are_regular()) continue;
      if (pattern.left(cursor[i].local) <= cursor[i].plan->horizon) mask |= 1U << i;
    }
    return mask;
  }
  /// Both would be 0 all the way.
  [[nodiscard]] bool stays_away(const MemoEdge& edge) const {
    for (unsigned i = 0; i < streams; ++i) {
      if (cursor[i].exhausted) continue;
      const std::uint64_t reach = cursor[i].plan->horizon + edge.step[i].places;
      if (cursor[i].left() <= reach) return false;
      if (pattern.endless && cursor[i].plan->atoms_are_regular() && pattern.left(cursor[i].local) <= reach)
        return false;
    }
    return true;
  }
  void take(const MemoEdge& edge, std::uint32_t interval, unsigned sets) {
    node = edge.to;
    now += edge.cycles;
    finished = edge.finish;
    if (edge.refreshes != 0) {
      due += Cycles{edge.refreshes} * interval;
      bank = static_cast<std::uint32_t>((bank + edge.refreshes) % sets);
    }
    for (std::size_t k = 0; k < kCommandCounts; ++k) commands[k] += edge.commands[k];
    for (unsigned i = 0; i < streams; ++i) {
      const MemoStep& step = edge.step[i];
      for (std::size_t k = 0; k < kSourceCounts; ++k) counts[i][k] += step.counts[k];
      move(cursor[i], step);
    }
    ++edges;
  }
  static void move(StreamCursor& cursor, const MemoStep& step) {
    cursor.local += step.local;
    cursor.run_address += step.address;
    cursor.runs += step.runs;
    if (step.exhausted) {
      cursor.exhausted = true;
      cursor.index.fill(0);
    } else if (step.rounds != 0) {
      cursor.begin_rounds(step.rounds, step.places);
    } else if (!cursor.plan->atoms_are_regular()) {
      cursor.index[cursor.plan->regular] += step.places;
    }
  }

  MemoNode* node;
  AddressMap::Pattern pattern;
  unsigned streams;
  std::array<StreamCursor, kStreams>& cursor;
  Cycles now;
  Cycles due;
  std::uint32_t bank;
  bool finished = false;
  std::uint64_t edges = 0;
  std::array<std::array<std::uint32_t, kSourceCounts>, kStreams> counts;
  std::array<std::uint64_t, kCommandCounts> commands{};
};

/// Plain edges in a row.
struct FastForward::Joint {
  static constexpr unsigned kEdges = 4;

  /// True if they are enough.
  bool take(MemoNode& at, const MemoEdge& next, bool near, unsigned streams) {
    if (near || &next != at.plain || next.finish) {
      from = nullptr;
      return false;
    }
    if (from == nullptr) {
      from = &at;
      edges = 0;
      edge = MemoEdge{};
      edge.streams = streams;
      edge.step = step.data();
      std::fill_n(step.begin(), streams, MemoStep{});
    }
    edge.to = next.to;
    edge.cycles += next.cycles;
    for (std::size_t k = 0; k < kCommandCounts; ++k) edge.commands[k] += next.commands[k];
    for (unsigned i = 0; i < streams; ++i) {
      step[i].local += next.step[i].local;
      step[i].address += next.step[i].address;
      step[i].runs += next.step[i].runs;
      step[i].places += next.step[i].places;
      for (std::size_t k = 0; k < kSourceCounts; ++k) {
        step[i].counts[k] = static_cast<std::uint16_t>(step[i].counts[k] + next.step[i].counts[k]);
      }
    }
    return ++edges == kEdges;
  }

  std::array<MemoStep, kStreams>& step;
  MemoNode* from = nullptr;
  unsigned edges = 0;
  MemoEdge edge{};
};

}  // namespace dixion::dram

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <utility>

#include "models/abi/generated/commands.h"
#include "models/common/interrupt_sink.h"

namespace dixion {

/// Causes (bits of INTR_STATUS), enables, and the level-sensitive lines they hold high: line q for queue q's
/// completions, line DIXION_LINE_ERROR for errors and reset.
class InterruptController {
 public:
  /// `sink` may be null; `rose` is called for each line that goes from low to high.
  InterruptController(InterruptSink* sink, std::function<void(unsigned line)> rose)
      : sink_(sink), rose_(std::move(rose)) {}

  /// Called with the causes whenever they may have changed.
  void on_change(std::function<void(std::uint32_t causes)> changed) { changed_ = std::move(changed); }

  void raise(std::uint32_t causes) { set(causes_ | causes, enabled_); }
  void clear(std::uint32_t causes) { set(causes_ & ~causes, enabled_); }
  void enable(std::uint32_t enabled) { set(causes_, enabled); }
  void reset() { set(0, 0); }
  [[nodiscard]] std::uint64_t risen() const { return risen_; }

 private:
  void set(std::uint32_t causes, std::uint32_t enabled) {
    const std::uint32_t before = lines();
    causes_ = causes;
    enabled_ = enabled;
    const std::uint32_t after = lines();
    if (changed_) changed_(causes_);
    for (unsigned line = 0; line < DIXION_LINES; ++line) {
      const bool level = (after >> line & 1) != 0;
      if (((before ^ after) >> line & 1) == 0) continue;
      if (level) ++risen_;
      if (level) rose_(line);
      if (sink_ != nullptr) sink_->set_level(line, level);
    }
  }
  [[nodiscard]] std::uint32_t lines() const {
    const std::uint32_t active = causes_ & enabled_;
    return (active & 0xff) | (active >> 8 != 0 ? 1U << DIXION_LINE_ERROR : 0);
  }

  InterruptSink* sink_;
  std::function<void(unsigned line)> rose_;
  std::function<void(std::uint32_t causes)> changed_;
  std::uint32_t causes_ = 0;
  std::uint32_t enabled_ = 0;
  std::uint64_t risen_ = 0;
};

}  // namespace dixion

// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace dixion {

/// Receives level-sensitive interrupt lines. A plain call instead of an sc_signal: a line may change more than once
/// within a delta cycle, from the device's own process and from the hart's register access.
class InterruptSink {
 public:
  virtual ~InterruptSink() = default;
  /// Line `line` (numbered by the receiver) is at `level` from now on. Repeating a level has no effect.
  virtual void set_level(unsigned line, bool level) = 0;
};

}  // namespace dixion

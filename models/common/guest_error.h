// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace dixion {

/// A mistake of the software under test. It is reported and answered as hardware would; it never stops the simulator.
struct GuestError {
  std::string where;     ///< block and instance, e.g. "accelerator.command_processor"
  std::string subject;   ///< register, command or descriptor field, e.g. "QUEUE0.RING_SIZE", "MATMUL.src"
  std::uint64_t value;   ///< the offending value
  std::string expected;  ///< what would have been right, e.g. "a power of two from 8 to 65536"
};

/// Receives guest errors. The platform's sink adds program counter and function and prints one line.
class GuestErrorSink {
 public:
  virtual ~GuestErrorSink() = default;
  virtual void guest_error(const GuestError& error) = 0;
};

}  // namespace dixion

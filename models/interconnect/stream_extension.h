// SPDX-License-Identifier: Apache-2.0
/// Describes a whole stream (contiguous or strided, any length) in one transaction; ignorable in the sense of
/// IEEE 1666-2011 section 14.2.2.
///
/// A stream is TLM_IGNORE_COMMAND with a real one-beat dummy buffer: it takes time and moves no bytes. A target that
/// understands it checks the span, waits until the bytes would have moved, sets `acknowledged` and answers OK.
/// A target that does not could take IGNORE for a write; so the initiator first asks with an ordinary READ of one beat
/// that carries the extension (the probe): a target that understands answers it like any READ, takes no time for it
/// and sets `acknowledged`. Who does not gets ordinary READ and WRITE bursts.
/// All offsets are relative to the transaction's address, so a bus that translates addresses need not know about it.
#pragma once

#include <cstdint>

#include <systemc>
#include <tlm>

#include "models/interconnect/requester.h"
#include "models/interconnect/stream_shape.h"

namespace dixion {

struct StreamExtension final : tlm::tlm_extension<StreamExtension> {
  enum class Direction : std::uint8_t { kRead, kWrite };

  Direction direction = Direction::kRead;
  StreamShape shape;                       ///< one pass, in the order of addresses
  std::uint64_t total_bytes = 0;           ///< over all passes
  std::uint64_t max_bytes_per_second = 0;  ///< what the requester can take; 0 means no limit
  /// Another stream of the same requester and direction ended here just now: its requests were already under way, so
  /// the target's access latency is hidden.
  bool back_to_back = false;
  Requester requester = Requester::kOther;
  std::uint64_t command_id = 0;
  bool acknowledged = false;  ///< set by the target

  [[nodiscard]] tlm::tlm_extension_base* clone() const override { return new StreamExtension(*this); }
  void copy_from(const tlm::tlm_extension_base& other) override { *this = static_cast<const StreamExtension&>(other); }
};

}  // namespace dixion

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "platform/dram/core.h"

namespace dixion::dram {

/// A stream or an ordinary access that somebody waits for.
struct Core::Job {
  std::unique_ptr<StreamPlan> plan;  // null: an ordinary access
  bool write = false;
  Requester requester = Requester::kOther;
  std::uint64_t parts = 0;       // not through: channels of a stream, bursts of an access
  std::uint32_t pace_64ths = 0;  // of its bursts in each channel
  Cycles finish = 0;             // so far; a stream's not before its requester could have taken it
  bool silent = false;           // its finish is no event
};

}  // namespace dixion::dram

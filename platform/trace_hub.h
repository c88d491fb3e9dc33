// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "models/common/trace_sink.h"

namespace dixion {

/// Hands every event to each observer, in the order they were added.
class TraceHub final : public TraceSink {
 public:
  /// `sink` must outlive the hub.
  void add(TraceSink& sink) { sinks_.push_back(&sink); }
  void event(const TraceEvent& event) override {
    for (TraceSink* sink : sinks_) sink->event(event);
  }

 private:
  std::vector<TraceSink*> sinks_;
};

}  // namespace dixion

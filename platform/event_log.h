// SPDX-License-Identifier: Apache-2.0
/// -d commands and -d irq on stderr, and the last commands for hang reports.
#pragma once

#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "models/common/trace_sink.h"
#include "platform/cli.h"
#include "platform/command_names.h"
#include "platform/console.h"

namespace dixion {

class EventLog final : public TraceSink {
 public:
  /// `where`: words for the hart's place, put behind traps. References must outlive the log.
  EventLog(const DebugCategories& categories, const OperatorNames& names, Console& console,
           std::function<std::string()> where);
  void event(const TraceEvent& event) override;
  /// The last commands that started or ended, oldest first, one line each.
  [[nodiscard]] std::vector<std::string> recent() const;

 private:
  void log_command(const TraceEvent& event);
  void log_interrupt(const TraceEvent& event);

  const DebugCategories categories_;
  const OperatorNames& names_;
  Console& console_;
  std::function<std::string()> where_;
  std::deque<TraceEvent> recent_;
};

}  // namespace dixion

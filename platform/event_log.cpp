// SPDX-License-Identifier: Apache-2.0
#include "platform/event_log.h"

#include <utility>

#include "platform/time_units.h"

namespace dixion {

namespace {

constexpr std::size_t kRecentCommands = 8;

const char* stage_name(Stage stage) {
  switch (stage) {
    case Stage::kHostStore:
      return "store";
    case Stage::kDoorbell:
      return "doorbell";
    case Stage::kFetch:
      return "fetch";
    case Stage::kDecode:
      return "decode";
    case Stage::kDispatch:
      return "dispatch";
    case Stage::kBegin:
      return "begin";
    case Stage::kEnd:
      return "end";
    case Stage::kComplete:
      return "complete";
    case Stage::kInterrupt:
      return "interrupt";
    case Stage::kTrap:
      return "trap";
    case Stage::kMarker:
      return "marker";
  }
  return "";
}

/// How much of the command's lane-cycles it computed; nothing for commands without lanes.
std::string busy_share(const CommandCost& cost) {
  const std::uint64_t cycles = (cost.end_cycle - cost.start_cycle) * cost.lanes;
  return cycles == 0 ? std::string() : ", busy " + std::to_string(100 * cost.busy_cycles / cycles) + " %";
}

/// mcause in words: bit 63 set means interrupt.
std::string cause_name(std::uint64_t cause) {
  constexpr std::uint64_t kInterruptBit = 1ULL << 63;
  switch (cause) {
    case 0:
      return "instruction address misaligned";
    case 1:
      return "instruction access fault";
    case 2:
      return "illegal instruction";
    case 3:
      return "breakpoint";
    case 4:
      return "load address misaligned";
    case 5:
      return "load access fault";
    case 6:
      return "store address misaligned";
    case 7:
      return "store access fault";
    case 11:
      return "environment call";
    case kInterruptBit | 3:
      return "software interrupt";
    case kInterruptBit | 7:
      return "timer interrupt";
    case kInterruptBit | 11:
      return "external interrupt";
    default:
      return "cause " + std::to_string(cause & ~kInterruptBit);
  }
}

}  // namespace

EventLog::EventLog(const DebugCategories& categories, const OperatorNames& names, Console& console,
                   std::function<std::string()> where)
    : categories_(categories), names_(names), console_(console), where_(std::move(where)) {}

void EventLog::event(const TraceEvent& event) {
  switch (event.stage) {
    case Stage::kHostStore:
    case Stage::kFetch:
    case Stage::kDecode:
      break;
    case Stage::kInterrupt:
    case Stage::kTrap:
      log_interrupt(event);
      break;
    case Stage::kDoorbell:
      if (categories_.commands) {
        console_.print("[" + format_time(event.time_ticks) + "] commands: doorbell of queue " +
                       std::to_string(event.queue) + ", tail " + std::to_string(event.id));
      }
      break;
    case Stage::kMarker:
      if (categories_.commands) {
        console_.print("[" + format_time(event.time_ticks) + "] commands: marker " + std::to_string(event.id));
      }
      break;
    case Stage::kDispatch:
    case Stage::kBegin:
    case Stage::kEnd:
    case Stage::kComplete:
      log_command(event);
      break;
  }
}

void EventLog::log_command(const TraceEvent& event) {
  if (event.stage == Stage::kBegin || event.stage == Stage::kEnd) {
    if (recent_.size() == kRecentCommands) recent_.pop_front();
    recent_.push_back(event);
    recent_.back().cost = nullptr;
  }
  if (!categories_.commands) return;
  std::string line = "[" + format_time(event.time_ticks) + "] commands: " + stage_name(event.stage) + " " +
                     describe_command(names_, event);
  if (event.cost != nullptr) {
    line += ": " + format_count(event.cost->end_cycle - event.cost->start_cycle) + " accel_cycles, " +
            format_count(event.cost->macs) + " macs" + busy_share(*event.cost);
  }
  console_.print(line);
}

void EventLog::log_interrupt(const TraceEvent& event) {
  if (!categories_.irq) return;
  const std::string time = "[" + format_time(event.time_ticks) + "] irq: ";
  if (event.stage == Stage::kInterrupt) {
    console_.print(time + "accelerator line " + std::to_string(event.id) + " rose");
  } else {
    console_.print(time + "trap: " + cause_name(event.id) + "; handler at " + where_());
  }
}

std::vector<std::string> EventLog::recent() const {
  std::vector<std::string> lines;
  for (const TraceEvent& event : recent_) {
    lines.push_back("at " + format_time(event.time_ticks) + " " + stage_name(event.stage) + " of " +
                    describe_command(names_, event));
  }
  return lines;
}

}  // namespace dixion

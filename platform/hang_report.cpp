// SPDX-License-Identifier: Apache-2.0
#include "platform/hang_report.h"

#include "platform/time_units.h"

namespace dixion {

namespace {

std::string hint(const StandstillFacts& facts) {
  const host::HostStatus& host = facts.host;
  if (facts.kind == Standstill::kTrapLoop) {
    return "the trap handler traps itself: is mtvec set, does it point to code, is the stack in DRAM?";
  }
  if (facts.kind == Standstill::kRanOn && !host.only_devices_can_wake()) {
    return "a hart was still running: if it polls, -d mmio shows what; -d commands,irq shows the rest";
  }
  for (const host::SourceStatus& source : host.sources) {
    if (!source.pending) continue;
    const std::string name = "interrupt " + std::to_string(source.source);
    if (source.enabled_harts == 0) return name + " is pending but enabled for no hart: set its enable bit in the PLIC";
    if (source.priority == 0) return name + " is pending but its PLIC priority is 0, which never interrupts";
    return name + " is pending and enabled in the PLIC: look at the threshold and at mie.MEIE";
  }
  for (const host::SourceStatus& source : host.sources) {
    if (source.claimed) {
      return "interrupt " + std::to_string(source.source) +
             " was claimed and never completed: write it back to the "
             "PLIC's claim register at the end of the handler";
    }
  }
  for (const QueueStatus& queue : facts.queues) {
    const std::string name = "queue " + std::to_string(queue.queue);
    switch (queue.oldest_waits_for) {
      case QueueStatus::Wait::kSemaphore:
        return name + " waits for semaphore " + std::to_string(queue.semaphore) + ", which is " +
               std::to_string(queue.value) + " and must reach " + std::to_string(queue.target) +
               ": no command in flight will signal it; submit the one that does, or correct the wait value";
      case QueueStatus::Wait::kResume:
        return name + " was halted by an error: read its ERROR registers, then write CONTROL.RESUME or RESET";
      case QueueStatus::Wait::kCompletionRing:
        return name + " cannot post completion records: consume them and write COMPLETION_HEAD";
      case QueueStatus::Wait::kNothing:
      case QueueStatus::Wait::kFence:
      case QueueStatus::Wait::kUnit:
        break;
    }
    if (!queue.enabled && queue.doorbell != queue.head) return name + " has commands but is not enabled";
  }
  return "no device has anything to do and no timer is set: was the doorbell rung, the interrupt flag set on the last "
         "command, the event already over before wfi?";
}

}  // namespace

std::vector<std::string> describe_standstill(const StandstillFacts& facts, const host::ElfImage& program) {
  std::vector<std::string> lines{"state at " + format_time(facts.now) + " of simulated time:"};
  for (const std::string& line : host::describe(facts.host)) lines.push_back("  " + line);
  for (const host::HartStatus& hart : facts.host.harts) {
    const std::string function = program.function_at(hart.pc);
    if (!function.empty()) lines.push_back("  hart " + std::to_string(hart.hart) + " is in " + function);
  }
  for (const QueueStatus& queue : facts.queues) {
    if (!queue.idle || queue.halted) lines.push_back("  " + describe(queue));
  }
  if (!facts.recent_commands.empty()) lines.emplace_back("last commands:");
  for (const std::string& line : facts.recent_commands) lines.push_back("  " + line);
  lines.push_back("hint: " + hint(facts));
  return lines;
}

}  // namespace dixion

// SPDX-License-Identifier: Apache-2.0
#include "models/command_processor/queue_status.h"

#include "models/command_processor/decoder.h"

namespace dixion {

namespace {

const char* state_name(QueueStatus::State state) {
  switch (state) {
    case QueueStatus::State::kWaiting:
      return "waiting";
    case QueueStatus::State::kRunning:
      return "running";
    case QueueStatus::State::kDone:
      return "done";
    case QueueStatus::State::kFailed:
      return "failed";
    case QueueStatus::State::kDropped:
      return "dropped";
  }
  return "?";
}

std::string command_name(const QueueStatus::RecentCommand& command) {
  std::string text = "command " + std::to_string(command.id);
  if (command.list_index != Command::kNotInList) text.append("[").append(std::to_string(command.list_index)).append("]");
  return text + " " + error_subject(command.opcode, DIXION_FIELD_NONE);
}

std::string wait_text(const QueueStatus& status) {
  switch (status.oldest_waits_for) {
    case QueueStatus::Wait::kNothing:
      return {};
    case QueueStatus::Wait::kSemaphore:
      return "semaphore " + std::to_string(status.semaphore) + ": is " + std::to_string(status.value) + ", needs " +
             std::to_string(status.target);
    case QueueStatus::Wait::kFence:
      return "all earlier commands of the queue to complete (FENCE)";
    case QueueStatus::Wait::kUnit:
      return status.unit;
    case QueueStatus::Wait::kCompletionRing:
      return "room in the completion ring (COMPLETION_HEAD)";
    case QueueStatus::Wait::kResume:
      return "RESUME or RESET after an error";
  }
  return {};
}

}  // namespace

std::string describe(const QueueStatus& status) {
  std::string text = "queue " + std::to_string(status.queue) + ": ";
  if (!status.enabled) return text + "disabled";
  text += std::to_string(status.head) + " of " + std::to_string(status.doorbell) + " commands fetched";
  if (status.halted) text += ", halted by an error";
  if (status.idle) return text + ", idle";
  const std::string waits_for = wait_text(status);
  if (waits_for.empty()) return text;
  for (const QueueStatus::RecentCommand& command : status.recent) {
    if (command.state == QueueStatus::State::kWaiting)
      return text + "; " + command_name(command) + " waits for " + waits_for;
  }
  return text + "; waits for " + waits_for;
}

std::vector<std::string> describe_recent(const QueueStatus& status) {
  std::vector<std::string> lines;
  for (const QueueStatus::RecentCommand& command : status.recent) {
    lines.push_back("queue " + std::to_string(status.queue) + " " + command_name(command) + ": " +
                    state_name(command.state));
  }
  return lines;
}

}  // namespace dixion

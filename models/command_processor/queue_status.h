// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace dixion {

/// What one queue is doing, for reports about simulations that do not get on.
struct QueueStatus {
  enum class Wait : std::uint8_t {
    kNothing,         ///< nothing is unfinished, or everything unfinished is running
    kSemaphore,       ///< `semaphore` stands at `value` and must reach `target`
    kFence,           ///< earlier commands of the queue have not completed
    kUnit,            ///< `unit` is busy
    kCompletionRing,  ///< software has not consumed completion records
    kResume,          ///< an error halted the queue
  };
  enum class State : std::uint8_t { kWaiting, kRunning, kDone, kFailed, kDropped };
  struct RecentCommand {
    std::uint32_t id;
    std::uint32_t list_index;  ///< 0xffffffff outside lists
    std::uint32_t tag;
    std::uint8_t opcode;
    State state;
  };

  unsigned queue = 0;
  bool enabled = false;
  bool halted = false;
  bool idle = true;                        ///< nothing fetched is unfinished and head equals doorbell
  std::uint32_t head = 0;                  ///< commands fetched
  std::uint32_t doorbell = 0;              ///< commands submitted
  Wait oldest_waits_for = Wait::kNothing;  ///< of the oldest command that has not started
  unsigned semaphore = 0;
  std::uint32_t value = 0;
  std::uint32_t target = 0;
  const char* unit = "";
  std::vector<RecentCommand> recent;  ///< the last kRecent that were decoded, oldest first

  static constexpr std::size_t kRecent = 8;
};

/// One line, e.g. "queue 0: 12 of 14 commands fetched; command 9 MATMUL waits for semaphore 5: is 3, needs 4".
[[nodiscard]] std::string describe(const QueueStatus& status);
/// One line per recent command.
[[nodiscard]] std::vector<std::string> describe_recent(const QueueStatus& status);

}  // namespace dixion

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace dixion {

/// Why a lane does not compute. Inside a command the reasons follow each other; between commands the first one of this
/// order that blocks counts (docs/timing.md, "Where cycles go").
enum class StallReason : std::uint8_t {
  kOperandBank,   ///< operands lie in the same bank of the core SRAM
  kFill,          ///< waiting for the first bytes
  kDram,          ///< computing is through, or has not begun, and operands still come from DRAM
  kGlobalBuffer,  ///< the same for the global buffer
  kOutput,        ///< only results still move
  kDrain,         ///< the end of the result leaves the unit
  kCommandFetch,  ///< the next command is being read, decoded or dispatched
  kCompletion,    ///< its queue starts nothing: completion ring full, or halted by an error
  kDma,           ///< the next command depends on a DMA command
  kPrediction,    ///< the next command depends on a command of the prediction engine
  kSchedule,      ///< the next command depends on a ConMerge schedule that is being built
  kSparsity,      ///< the next command depends on another command of the sparsity controller
  kSemaphore,     ///< the next command depends on another command, or on software
  kCores,         ///< the next command wants cores or channels that another one of this unit has
};

inline constexpr std::size_t kStallReasons = 14;
inline constexpr std::size_t kStallsInCommand = 6;  ///< the first ones; the others lie between commands

struct StallInfo {
  const char* name;      ///< column of layers.csv, end of the statistic's name
  const char* sentence;  ///< for the glossary
};

inline constexpr std::array<StallInfo, kStallReasons> kStalls{{
    {"operand_bank", "in a command, computing held up by operands in the same bank of the core SRAM"},
    {"fill", "in a command, waiting for the first bytes of its operands"},
    {"dram", "in a command, computing through or not begun, operands still coming from DRAM"},
    {"global_buffer",
     "in a command, computing through, operands still coming from the global buffer but not from DRAM"},
    {"output", "in a command, all but the writing of results through"},
    {"drain", "in a command, the end of its result leaving the unit"},
    {"command_fetch", "between commands, the next one being read, decoded or dispatched"},
    {"completion", "between commands, the queue of the next one held up by a full completion ring or an error"},
    {"dma", "between commands, the next one depending on a DMA command"},
    {"prediction", "between commands, the next one depending on a command of the prediction engine"},
    {"schedule", "between commands, the next one, or all that follow, depending on a ConMerge schedule being built"},
    {"sparsity", "between commands, the next one depending on another command of the sparsity controller"},
    {"semaphore", "between commands, the next one depending on a command of another unit than these, or on software"},
    {"cores", "between commands, the next one waiting for lanes that another command of the unit has"},
}};

/// Lane-cycles by reason.
using Stalls = std::array<std::uint64_t, kStallReasons>;

/// What the free lanes of a unit wait for; those that are not mentioned have nothing to do.
struct WaitingLanes {
  std::array<std::uint8_t, kStallReasons> for_reason{};  ///< lanes by reason, of those between commands only
  /// Lanes that may get a command from the fetch under way. If it brings none they had nothing to do; not together with
  /// lanes that wait for a reason.
  std::uint8_t fetching = 0;

  [[nodiscard]] bool operator==(const WaitingLanes& other) const {
    return for_reason == other.for_reason && fetching == other.fetching;
  }
  [[nodiscard]] bool operator!=(const WaitingLanes& other) const { return !(*this == other); }
};

[[nodiscard]] constexpr std::size_t index_of(StallReason reason) { return static_cast<std::size_t>(reason); }

}  // namespace dixion

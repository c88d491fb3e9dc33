// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <unordered_map>
#include <vector>

#include "host/iss/memory_path.h"
#include "host/iss/opcode.h"

namespace dixion::host {

/// Instructions in a row, the last of which may jump. Never crosses a 4 KiB page.
struct Block {
  std::uint64_t pc = 0;
  std::uint64_t end = 0;   ///< address behind the last instruction
  std::int64_t count = 0;  ///< instructions
  /// Where it went before: fall-through or jump, branch taken. BlockCache::unlinked() until then.
  std::array<Block*, 2> next{};
  std::vector<Op> ops;  ///< the instructions; kEnd or kStop behind them if the last one does not leave the block
};

/// Decoded code by address. Holds what memory held when it was decoded, until clear() (fence.i).
class BlockCache {
 public:
  static constexpr std::size_t kMaxInstructions = 64;  ///< per block

  /// `handlers`: what runs each operation, for choose_handlers().
  BlockCache(MemoryPath& memory, const void* const* handlers);

  /// Null when `pc` was never decoded.
  [[gnu::always_inline]] Block* find(std::uint64_t pc) {
    const Recent& recent = recent_[(pc >> 1) % recent_.size()];
    return recent.pc == pc ? recent.block : find_older(pc);
  }
  /// Decodes the block at `pc`. kTrap (memory's fault() tells) or kNotNow if not even its first instruction can be
  /// fetched. May clear the cache first, which invalidates all Block pointers.
  Outcome translate(std::uint64_t pc, Block*& block);
  /// Completes a block whose `ops` are its instructions: appends `terminator` and decides what runs them.
  void seal(Block& block, Opcode terminator) const;
  void clear();
  /// Stands where no successor is known yet: at no address, and longer than any time left.
  Block* unlinked() { return &unlinked_; }
  [[nodiscard]] std::uint64_t generation() const { return generation_; }  ///< counts clear()

 private:
  static constexpr std::size_t kMaxBlocks = 1U << 16;
  struct Recent {
    std::uint64_t pc = ~0ULL;  // odd: no instruction is there
    Block* block = nullptr;
  };

  Block* find_older(std::uint64_t pc);
  Outcome decode_into(Block& block);

  MemoryPath& memory_;
  const void* const* handlers_;
  Block unlinked_;
  std::uint64_t generation_ = 0;
  std::array<Recent, 4096> recent_{};
  std::unordered_map<std::uint64_t, Block*> by_pc_;  // looked up only, never walked
  std::deque<Block> blocks_;
};

}  // namespace dixion::host

// SPDX-License-Identifier: Apache-2.0
#include "host/iss/block_cache.h"

#include <limits>

#include "host/iss/decode.h"
#include "host/iss/pairs.h"

namespace dixion::host {
namespace {

constexpr std::uint64_t page_of(std::uint64_t address) { return address >> 12; }

}  // namespace

void BlockCache::seal(Block& block, Opcode terminator) const {
  Op end;
  end.code = terminator;
  block.ops.push_back(end);
  choose_handlers(block.ops, handlers_);
}

BlockCache::BlockCache(MemoryPath& memory, const void* const* handlers) : memory_(memory), handlers_(handlers) {
  unlinked_.pc = 1;  // odd: no instruction is there
  unlinked_.count = std::numeric_limits<std::int64_t>::max();
}

Block* BlockCache::find_older(std::uint64_t pc) {
  const auto found = by_pc_.find(pc);
  if (found == by_pc_.end()) return nullptr;
  recent_[(pc >> 1) % recent_.size()] = {pc, found->second};
  return found->second;
}

void BlockCache::clear() {
  ++generation_;
  recent_.fill(Recent{});
  by_pc_.clear();
  blocks_.clear();
}

Outcome BlockCache::decode_into(Block& block) {
  std::uint64_t pc = block.pc;
  bool more = true;
  while (more && block.ops.size() < kMaxInstructions && page_of(pc) == page_of(block.pc)) {
    std::uint16_t low = 0;
    std::uint16_t high = 0;
    bool direct = false;
    Outcome outcome = memory_.fetch(pc, low, direct);
    if (outcome == Outcome::kDone && (low & 3U) == 3U) outcome = memory_.fetch(pc + 2, high, direct);
    if (outcome != Outcome::kDone) {
      if (block.ops.empty()) return outcome;
      break;  // the block ends before it; the fault is taken when execution gets there
    }
    Op op = decode(low | (static_cast<std::uint32_t>(high) << 16), pc);
    op.offset = static_cast<std::uint16_t>(pc - block.pc);
    pc += op.length;
    block.ops.push_back(op);
    // Code behind a transaction is fetched one instruction at a time. A charged access ends its block, so that the
    // time at which each instruction starts is known when the block is entered.
    more = direct && !ends_block(op.code) && !(memory_.direct_latency() != 0 && accesses_memory(op.code));
  }
  block.count = static_cast<std::int64_t>(block.ops.size());
  block.end = pc;
  block.next.fill(unlinked());
  seal(block, Opcode::kEnd);
  return Outcome::kDone;
}

Outcome BlockCache::translate(std::uint64_t pc, Block*& block) {
  if (blocks_.size() >= kMaxBlocks) clear();
  Block fresh;
  fresh.pc = pc;
  const Outcome outcome = decode_into(fresh);
  if (outcome != Outcome::kDone) return outcome;
  blocks_.push_back(std::move(fresh));
  block = &blocks_.back();
  by_pc_[pc] = block;
  recent_[(pc >> 1) % recent_.size()] = {pc, block};
  return Outcome::kDone;
}

}  // namespace dixion::host

// SPDX-License-Identifier: Apache-2.0
/// Pairs of instructions that one handler runs: frequent operations in front, frequent ones behind. Nearly halving the
/// number of indirect branches is what makes the executor fast. In a chained pair the second instruction's rs1 is the
/// first one's rd: it gets the value without a detour through the registers in memory.
#pragma once

#include <cstddef>
#include <span>

#include "host/iss/opcode.h"

// Which pairs there are: X(kind of the first, first, kind of the second, second), kinds as in execute_base.inc. What
// compilers emit most often, wherever it may stand; measured gains end there, and each pair costs code.
// clang-format off
#define DIXION_CHAIN_SECONDS(X, kind, first)                                                                           \
  X(kind, first, ALU, Addi) X(kind, first, ALU, Add) X(kind, first, ALU, Sub) X(kind, first, ALU, Addiw)               \
  X(kind, first, ALU, Addw) X(kind, first, ALU, Mulw) X(kind, first, ALU, Slli) X(kind, first, ALU, Srli)              \
  X(kind, first, ALU, Srliw) X(kind, first, ALU, Andi) X(kind, first, ALU, And) X(kind, first, ALU, Or)                \
  X(kind, first, ALU, Xor)                                                                                             \
  X(kind, first, LOAD, Lbu) X(kind, first, LOAD, Lw) X(kind, first, LOAD, Ld)                                          \
  X(kind, first, BRANCH, Beq) X(kind, first, BRANCH, Bne) X(kind, first, BRANCH, Blt)                                  \
  X(kind, first, BRANCH, Bge) X(kind, first, BRANCH, Bltu) X(kind, first, BRANCH, Bgeu)
#define DIXION_PAIR_SECONDS(X, kind, first)                                                                            \
  DIXION_CHAIN_SECONDS(X, kind, first)                                                                                 \
  X(kind, first, ALU, Li) X(kind, first, STORE, Sb) X(kind, first, STORE, Sw) X(kind, first, STORE, Sd)
#define DIXION_RESULT_FIRSTS(SECONDS, X)                                                                               \
  SECONDS(X, ALU, Li) SECONDS(X, ALU, Addi) SECONDS(X, ALU, Add) SECONDS(X, ALU, Sub) SECONDS(X, ALU, Addiw)           \
  SECONDS(X, ALU, Addw) SECONDS(X, ALU, Mulw) SECONDS(X, ALU, Slli) SECONDS(X, ALU, Srli) SECONDS(X, ALU, Srliw)       \
  SECONDS(X, ALU, Andi) SECONDS(X, ALU, And) SECONDS(X, ALU, Or) SECONDS(X, ALU, Xor)                                  \
  SECONDS(X, LOAD, Lbu) SECONDS(X, LOAD, Lw) SECONDS(X, LOAD, Ld)
#define DIXION_STORE_FIRSTS(SECONDS, X) SECONDS(X, STORE, Sb) SECONDS(X, STORE, Sw) SECONDS(X, STORE, Sd)

#define DIXION_PAIRS(X) DIXION_RESULT_FIRSTS(DIXION_PAIR_SECONDS, X) DIXION_STORE_FIRSTS(DIXION_PAIR_SECONDS, X)
#define DIXION_CHAINED_PAIRS(X) DIXION_RESULT_FIRSTS(DIXION_CHAIN_SECONDS, X)
// clang-format on

namespace dixion::host {

/// Decides what runs each operation of a block when execution comes to it: Op::handler. Exchanges the operands of a
/// commutative operation where that makes a chained pair. `handlers` holds the addresses of those of every Opcode, of
/// DIXION_PAIRS, of DIXION_CHAINED_PAIRS, in this order.
void choose_handlers(std::span<Op> ops, const void* const* handlers);

/// The place in that table of what runs `first` and perhaps `second` behind it.
std::size_t handler_number(const Op& first, const Op& second);

}  // namespace dixion::host

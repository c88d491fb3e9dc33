// SPDX-License-Identifier: Apache-2.0
#include "host/iss/pairs.h"

#include <array>
#include <cstdint>
#include <utility>

namespace dixion::host {
namespace {

constexpr std::size_t index(Opcode code) { return static_cast<std::size_t>(code); }

constexpr std::size_t kOpcodes = index(Opcode::kStop) + 1;
using Table = std::array<std::array<std::uint16_t, kOpcodes>, kOpcodes>;

struct Tables {
  Table pairs{};  // number of the handler, 0 if there is none
  Table chains{};
};

constexpr Tables make_tables() {
  Tables tables;
  std::uint16_t handler = kOpcodes;
#define DIXION_PAIR(first_kind, first, second_kind, second) \
  tables.pairs[index(Opcode::k##first)][index(Opcode::k##second)] = handler++;
#define DIXION_CHAIN(first_kind, first, second_kind, second) \
  tables.chains[index(Opcode::k##first)][index(Opcode::k##second)] = handler++;
  DIXION_PAIRS(DIXION_PAIR)
  DIXION_CHAINED_PAIRS(DIXION_CHAIN)
#undef DIXION_PAIR
#undef DIXION_CHAIN
  return tables;
}

constexpr Tables kTables = make_tables();

bool commutes(Opcode code) {
  return code == Opcode::kAdd || code == Opcode::kAddw || code == Opcode::kMulw || code == Opcode::kAnd ||
         code == Opcode::kOr || code == Opcode::kXor || code == Opcode::kBeq || code == Opcode::kBne;
}

}  // namespace

std::size_t handler_number(const Op& first, const Op& second) {
  const std::size_t pair = kTables.pairs[index(first.code)][index(second.code)];
  const std::size_t chain = kTables.chains[index(first.code)][index(second.code)];
  if (chain != 0 && second.rs1 == first.rd) return chain;
  return pair != 0 ? pair : index(first.code);
}

void choose_handlers(std::span<Op> ops, const void* const* handlers) {
  for (std::size_t i = 0; i + 1 < ops.size(); ++i) {
    Op& second = ops[i + 1];
    if (second.rs2 == ops[i].rd && commutes(second.code)) std::swap(second.rs1, second.rs2);
    ops[i].handler = handlers[handler_number(ops[i], second)];
  }
  ops.back().handler = handlers[index(ops.back().code)];
}

}  // namespace dixion::host

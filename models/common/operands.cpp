// SPDX-License-Identifier: Apache-2.0
#include "models/common/operands.h"

namespace dixion {

CommandError unreadable(const Command& command, unsigned operand) {
  return {DIXION_CAUSE_BUS_ERROR, DIXION_FIELD_OPERAND0 + operand, command.operands[operand].address,
          std::string(command.info->operands[operand].name) + " in memory"};
}

CommandError bad_data(unsigned operand, std::uint64_t value, const std::string& expected) {
  return {DIXION_CAUSE_BAD_PARAMETER, DIXION_FIELD_OPERAND0 + operand, value, expected};
}

CommandError not_an_opcode_of(const Command& command, const char* unit) {
  return {DIXION_CAUSE_ILLEGAL_OPCODE, DIXION_FIELD_OPCODE, command.info->value,
          std::string("an opcode of the ") + unit};
}

std::vector<Transfer> transfers_of(const Command& command) {
  std::vector<Transfer> transfers;
  for (unsigned i = 0; i < command.info->operands.size(); ++i) {
    if (!command.operands[i]) continue;
    transfers.push_back({command.operands[i], i, 1, command.info->operands[i].output});
  }
  return transfers;
}

void set_passes(Demand& demand, unsigned operand, std::uint32_t passes) {
  for (Transfer& transfer : demand.transfers) {
    if (transfer.operand == operand) transfer.passes = passes;
  }
}

Result::Tensor& add_result(Result& result, const TensorView& view) {
  Result::Tensor& tensor = result.tensors.emplace_back();
  tensor.view = view;
  tensor.bytes.resize(view.elements() * element_bytes(view.format));
  return tensor;
}

}  // namespace dixion

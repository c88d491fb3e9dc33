// SPDX-License-Identifier: Apache-2.0
/// What the runtime knows of the opcodes against the generated description.
#include <gtest/gtest.h>

#include "models/abi/generated/commands_table.h"
extern "C" {
#include "firmware/runtime/descriptors.h"
#include "firmware/runtime/opcodes.h"
}

namespace dixion::test {
namespace {

std::uint8_t unit_of(abi::Unit unit) {
  switch (unit) {
    case abi::Unit::kDma:
      return OPCODE_UNIT_DMA;
    case abi::Unit::kMatrix:
      return OPCODE_UNIT_MATRIX;
    case abi::Unit::kVector:
      return OPCODE_UNIT_VECTOR;
    case abi::Unit::kPrediction:
      return OPCODE_UNIT_PREDICTION;
    case abi::Unit::kSparsity:
      return OPCODE_UNIT_SPARSITY;
    default:
      return OPCODE_UNIT_CONTROL;
  }
}

TEST(Opcodes, EveryOpcodeHasItsNameUnitAndOutputs) {
  for (const abi::OpcodeInfo& described : abi::kOpcodes) {
    const opcode_info_t* info = opcode_find(described.value);
    ASSERT_NE(info, nullptr) << described.name;
    EXPECT_STREQ(info->name, described.name);
    EXPECT_EQ(info->unit, unit_of(described.unit)) << described.name;
    std::uint32_t outputs = 0;
    for (std::uint32_t i = 0; i < described.operands.size(); ++i) {
      if (described.operands[i].output) outputs |= 1U << i;
    }
    EXPECT_EQ(info->outputs, outputs) << described.name;
  }
  EXPECT_EQ(opcode_find(0xff), nullptr);
}

TEST(Opcodes, CausesAndFieldsHaveTheirNames) {
  for (const abi::NamedValue& cause : abi::kCauseNames) EXPECT_STREQ(opcode_cause_name(cause.value), cause.name);
  EXPECT_STREQ(opcode_cause_name(200), "?");
  char text[24];
  for (const abi::NamedValue& field : abi::kFieldNames) {
    opcode_field_name(field.value, text);
    EXPECT_STREQ(text, field.value == DIXION_FIELD_NONE ? "no field" : field.name);
  }
  opcode_field_name(DIXION_FIELD_OPERAND0 + 11, text);
  EXPECT_STREQ(text, "OPERAND11");
}

TEST(Descriptors, DenseTensorsHaveRowMajorStrides) {
  const std::uint32_t extent[] = {2, 3, 5};
  const dixion_descriptor_t descriptor = descriptor_dense(0x80000040, DIXION_FORMAT_INT12, 3, extent);
  EXPECT_EQ(descriptor.address, 0x80000040u);
  EXPECT_EQ(descriptor.stride[0], 30u);
  EXPECT_EQ(descriptor.stride[1], 10u);
  EXPECT_EQ(descriptor.stride[2], 2u);
  EXPECT_EQ(descriptor.extent[3], 0u);
}

}  // namespace
}  // namespace dixion::test

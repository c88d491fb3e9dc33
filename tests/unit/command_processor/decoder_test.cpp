// SPDX-License-Identifier: Apache-2.0
#include "models/command_processor/decoder.h"

#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dixion {
namespace {

constexpr std::uint64_t kMemoryStart = 0x1000;
constexpr std::uint64_t kMemoryEnd = 0x100000;

class Table final : public DescriptorSource {
 public:
  std::uint32_t count() override { return 8; }
  bool read(std::uint32_t index, dixion_descriptor_t& descriptor) override {
    descriptor = entries[index];
    return index != 7;  // entry 7 is on a broken page
  }
  bool contains(std::uint64_t address, std::uint64_t length) override {
    return address >= kMemoryStart && address < kMemoryEnd && length <= kMemoryEnd - address;
  }
  std::map<std::uint32_t, dixion_descriptor_t> entries;
};

dixion_descriptor_t matrix(std::uint64_t address = 0x2000) {
  dixion_descriptor_t descriptor{};
  descriptor.address = address;
  descriptor.extent[0] = 4;
  descriptor.extent[1] = 8;
  descriptor.stride[0] = 32;
  descriptor.stride[1] = 4;
  descriptor.format = DIXION_FORMAT_INT32;
  descriptor.rank = 2;
  return descriptor;
}

struct Decoding : testing::Test {
  Decoding() {
    for (std::uint32_t i = 1; i < 8; ++i) table.entries[i] = matrix(0x2000 + i * 0x1000);
    command.opcode = DIXION_OPCODE_CONVERT;
    command.operands[0] = 1;
    command.operands[1] = 2;
    parameters.value[3] = 0x8000;
    parameters.tag_base = 0x100;
    parameters.semaphore_base[5] = 1000;
  }
  CommandError run() { return decode(command, context, config, table, decoded); }
  void expect_error(dixion_cause cause, std::uint32_t field, std::uint64_t value) {
    const CommandError error = run();
    EXPECT_STREQ(cause_name(error.cause), cause_name(cause)) << error.expected;
    EXPECT_EQ(error.field, field);
    EXPECT_EQ(error.value, value);
    EXPECT_FALSE(error.expected.empty());
  }
  void enter_list() {
    context.list_index = 4;
    context.parameters = &parameters;
  }
  void make_call() {
    command = {};
    command.opcode = DIXION_OPCODE_CALL;
    command.call.list_address = 0x4000;
    command.call.list_count = 2;
    command.call.parameter_address = 0x5000;
  }

  dixion_command_t command{};
  dixion_parameter_block_t parameters{};
  DecodeContext context{1, 42};
  AcceleratorConfig config;
  Table table;
  DecodedCommand decoded;
};

TEST_F(Decoding, GivesTheEngineResolvedOperands) {
  command.tag = 9;
  command.immediates[0] = 5;
  command.immediates[1] = 6;
  ASSERT_FALSE(run());
  EXPECT_STREQ(decoded.command.info->name, "CONVERT");
  EXPECT_EQ(decoded.command.queue, 1);
  EXPECT_EQ(decoded.command.id, 42U);
  EXPECT_EQ(decoded.command.tag, 9U);
  EXPECT_EQ(decoded.command.cores, 0xfU);
  EXPECT_EQ(decoded.command.operands[1].address, 0x4000U);
  EXPECT_EQ(decoded.command.operands[1].extent[1], 8U);
  EXPECT_EQ(decoded.command.operands[1].stride[0], 32U);
  EXPECT_EQ(decoded.command.immediates[1], 6U);
  EXPECT_TRUE(decoded.record);
}

TEST_F(Decoding, CoreSetsEndAtTheLastCore) {
  command.core_first = 3;
  ASSERT_FALSE(run());
  EXPECT_EQ(decoded.command.cores, 0x8U);
  command.core_first = 1;
  command.core_count = 3;
  ASSERT_FALSE(run());
  EXPECT_EQ(decoded.command.cores, 0xeU);
  command.core_count = 4;
  expect_error(DIXION_CAUSE_BAD_CORE_SET, DIXION_FIELD_CORE_SET, 0x401);
  command.core_first = 4;
  command.core_count = 0;
  expect_error(DIXION_CAUSE_BAD_CORE_SET, DIXION_FIELD_CORE_SET, 4);
}

TEST_F(Decoding, ADmaCommandNamesChannels) {
  command = {};
  command.opcode = DIXION_OPCODE_DMA_FILL;
  command.operands[0] = 1;
  ASSERT_FALSE(run());
  EXPECT_EQ(decoded.command.cores, 0x3U);
  command.core_first = 2;
  expect_error(DIXION_CAUSE_BAD_CORE_SET, DIXION_FIELD_CORE_SET, 2);
}

TEST_F(Decoding, ACommandOfAllSixtyFourCores) {
  config.cores = 64;
  ASSERT_FALSE(run());
  EXPECT_EQ(decoded.command.cores, ~CoreMask{0});
}

TEST_F(Decoding, RefusesUnknownOpcodesAndKeepsWhatARecordNeeds) {
  command.opcode = 0xee;
  command.tag = 77;
  expect_error(DIXION_CAUSE_ILLEGAL_OPCODE, DIXION_FIELD_OPCODE, 0xee);
  EXPECT_EQ(decoded.command.id, 42U);
  EXPECT_EQ(decoded.command.tag, 77U);
  EXPECT_EQ(decoded.opcode, 0xee);
  EXPECT_TRUE(decoded.record);
}

TEST_F(Decoding, RefusesReservedBits) {
  command.flags = 0x10;
  expect_error(DIXION_CAUSE_RESERVED_BITS, DIXION_FIELD_FLAGS, 0x10);
  command.flags = 0;
  command.reserved = 1;
  expect_error(DIXION_CAUSE_RESERVED_BITS, DIXION_FIELD_NONE, 1);
  command.reserved = 0;
  command.split = 3;
  expect_error(DIXION_CAUSE_RESERVED_BITS, DIXION_FIELD_SPLIT, 3);
  command.split = DIXION_SPLIT_HEADS;
  command.immediates[2] = 1;  // CONVERT uses two
  expect_error(DIXION_CAUSE_RESERVED_BITS, DIXION_FIELD_IMMEDIATE0 + 2, 1);
}

TEST_F(Decoding, RefusesSemaphoresThatDoNotExist) {
  command.wait_semaphore[1] = 64;
  expect_error(DIXION_CAUSE_BAD_SEMAPHORE, DIXION_FIELD_WAIT_SEMAPHORE1, 64);
  command.wait_semaphore[1] = 63;
  command.signal_semaphore = 200;
  expect_error(DIXION_CAUSE_BAD_SEMAPHORE, DIXION_FIELD_SIGNAL_SEMAPHORE, 200);
  command.signal_semaphore = 63;
  EXPECT_FALSE(run());
}

TEST_F(Decoding, RefusesWrongOperandIndices) {
  command.operands[1] = 0;
  expect_error(DIXION_CAUSE_MISSING_OPERAND, 1, 0);
  command.operands[1] = 8;
  expect_error(DIXION_CAUSE_BAD_OPERAND_INDEX, 1, 8);
  command.operands[1] = 7;
  expect_error(DIXION_CAUSE_BUS_ERROR, 1, 7);
  command.operands[1] = 2;
  command.operands[2] = 3;  // CONVERT has two
  expect_error(DIXION_CAUSE_BAD_OPERAND_INDEX, 2, 3);
}

TEST_F(Decoding, RefusesDescriptorsThatDescribeNothing) {
  dixion_descriptor_t& descriptor = table.entries[1];
  const auto refuse = [&](auto change, dixion_cause cause, std::uint64_t value) {
    descriptor = matrix();
    change();
    expect_error(cause, 0, value);
    descriptor = matrix();
    EXPECT_FALSE(run());
  };
  refuse([&] { descriptor.format = 0; }, DIXION_CAUSE_BAD_FORMAT, 0);
  refuse([&] { descriptor.format = 200; }, DIXION_CAUSE_BAD_FORMAT, 200);
  refuse([&] { descriptor.rank = 0; }, DIXION_CAUSE_BAD_DESCRIPTOR, 0);
  refuse([&] { descriptor.rank = 5; }, DIXION_CAUSE_BAD_DESCRIPTOR, 5);
  refuse([&] { descriptor.flags = 2; }, DIXION_CAUSE_BAD_DESCRIPTOR, 2);
  refuse([&] { descriptor.parameter = 1; }, DIXION_CAUSE_BAD_DESCRIPTOR, 1);
  refuse([&] { descriptor.reserved[2] = 4; }, DIXION_CAUSE_BAD_DESCRIPTOR, 4);
  refuse([&] { descriptor.extent[1] = 0; }, DIXION_CAUSE_BAD_DESCRIPTOR, 0);
  refuse([&] { descriptor.extent[0] = 0x80000000; }, DIXION_CAUSE_BAD_DESCRIPTOR, 0x80000000);
  refuse([&] { descriptor.extent[2] = 1; }, DIXION_CAUSE_BAD_DESCRIPTOR, 1);
  refuse([&] { descriptor.address = 0x2002; }, DIXION_CAUSE_MISALIGNED, 0x2002);
  refuse([&] { descriptor.stride[0] = 30; }, DIXION_CAUSE_MISALIGNED, 30);
  refuse([&] { descriptor.address = 0x800; }, DIXION_CAUSE_BAD_ADDRESS, 0x800);
  refuse([&] { descriptor.stride[0] = std::uint64_t{1} << 62; }, DIXION_CAUSE_BAD_ADDRESS, 0x2000);
}

TEST_F(Decoding, TheLastElementMayBeTheLastOfMemory) {
  dixion_descriptor_t& descriptor = table.entries[1];
  descriptor.address = kMemoryEnd - 128;
  EXPECT_FALSE(run());
  descriptor.address += 4;
  expect_error(DIXION_CAUSE_BAD_ADDRESS, 0, kMemoryEnd - 124);
}

TEST_F(Decoding, PutsParametersIn) {
  enter_list();
  command.tag = 7;
  command.parameter_mask = 0x2;
  command.immediates[1] = 3;
  command.wait_semaphore[0] = 5;
  command.wait_value[0] = 2;
  table.entries[2].flags = DIXION_DESCRIPTOR_FLAG_PARAMETER_BASE;
  table.entries[2].parameter = 3;
  table.entries[2].address = 0x40;
  ASSERT_FALSE(run());
  EXPECT_EQ(decoded.command.tag, 0x107U);
  EXPECT_EQ(decoded.command.immediates[1], 0x8000U);
  EXPECT_EQ(decoded.command.operands[1].address, 0x8040U);
  EXPECT_EQ(decoded.waits[0].target, 1002U);
  EXPECT_EQ(decoded.command.list_index, 4U);
  EXPECT_FALSE(decoded.record);
}

TEST_F(Decoding, RefusesParametersThatAreNotThere) {
  command.parameter_mask = 1;
  expect_error(DIXION_CAUSE_BAD_PARAMETER, DIXION_FIELD_PARAMETER_MASK, 1);
  enter_list();
  command.immediates[0] = 31;
  expect_error(DIXION_CAUSE_BAD_PARAMETER, DIXION_FIELD_IMMEDIATE0, 31);
  command.immediates[0] = 30;
  EXPECT_FALSE(run());
  command.parameter_mask = 0x4;
  expect_error(DIXION_CAUSE_BAD_PARAMETER, DIXION_FIELD_PARAMETER_MASK, 4);
  command.parameter_mask = 0;
  table.entries[1].flags = DIXION_DESCRIPTOR_FLAG_PARAMETER_BASE;
  table.entries[1].parameter = 31;
  expect_error(DIXION_CAUSE_BAD_PARAMETER, 0, 31);
  context.parameters = nullptr;
  table.entries[1].parameter = 3;
  expect_error(DIXION_CAUSE_BAD_PARAMETER, 0, 3);
}

TEST_F(Decoding, AnInterruptInsideAListBelongsToARecord) {
  enter_list();
  command.flags = DIXION_COMMAND_FLAG_INTERRUPT;
  expect_error(DIXION_CAUSE_RESERVED_BITS, DIXION_FIELD_FLAGS, DIXION_COMMAND_FLAG_INTERRUPT);
  command.flags |= DIXION_COMMAND_FLAG_RECORD;
  ASSERT_FALSE(run());
  EXPECT_TRUE(decoded.record && decoded.interrupt);
}

TEST_F(Decoding, ACallNamesAnAlignedListInMemory) {
  make_call();
  ASSERT_FALSE(run());
  EXPECT_EQ(decoded.call.list_count, 2U);
  command.call.list_count = 0;
  expect_error(DIXION_CAUSE_BAD_LIST, DIXION_FIELD_LIST_COUNT, 0);
  make_call();
  command.call.list_address = 0x4020;
  expect_error(DIXION_CAUSE_MISALIGNED, DIXION_FIELD_LIST_ADDRESS, 0x4020);
  command.call.list_address = kMemoryEnd - 64;
  expect_error(DIXION_CAUSE_BAD_ADDRESS, DIXION_FIELD_LIST_ADDRESS, kMemoryEnd - 64);
  make_call();
  command.call.parameter_address = 0x5020;
  expect_error(DIXION_CAUSE_MISALIGNED, DIXION_FIELD_PARAMETER_ADDRESS, 0x5020);
  command.call.parameter_address = kMemoryEnd - 256;
  expect_error(DIXION_CAUSE_BAD_ADDRESS, DIXION_FIELD_PARAMETER_ADDRESS, kMemoryEnd - 256);
  command.call.parameter_address = 0;
  EXPECT_FALSE(run());
  command.call.reserved = 5;
  expect_error(DIXION_CAUSE_RESERVED_BITS, DIXION_FIELD_LIST_COUNT, 5);
  make_call();
  context.list_index = 0;
  expect_error(DIXION_CAUSE_BAD_LIST, DIXION_FIELD_OPCODE, DIXION_OPCODE_CALL);
}

TEST_F(Decoding, CommandsWithoutCoresNameNone) {
  command = {};
  command.core_count = 1;
  expect_error(DIXION_CAUSE_BAD_CORE_SET, DIXION_FIELD_CORE_SET, 0x100);
}

TEST(ErrorSubject, NamesOperandsImmediatesAndFields) {
  EXPECT_EQ(error_subject(DIXION_OPCODE_MATMUL, DIXION_FIELD_OPERAND0 + 1), "MATMUL.weight");
  EXPECT_EQ(error_subject(DIXION_OPCODE_MATMUL, DIXION_FIELD_IMMEDIATE0 + 1), "MATMUL.shift");
  EXPECT_EQ(error_subject(DIXION_OPCODE_MATMUL, DIXION_FIELD_IMMEDIATE0 + 3), "MATMUL.IMMEDIATE3");
  EXPECT_EQ(error_subject(DIXION_OPCODE_CALL, DIXION_FIELD_LIST_COUNT), "CALL.LIST_COUNT");
  EXPECT_EQ(error_subject(DIXION_OPCODE_NOP, DIXION_FIELD_NONE), "NOP");
  EXPECT_EQ(error_subject(0xee, DIXION_FIELD_OPCODE), "opcode");
  EXPECT_EQ(error_subject(0xee, DIXION_FIELD_NONE), "opcode 0xee");
}

}  // namespace
}  // namespace dixion

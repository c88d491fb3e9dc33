// SPDX-License-Identifier: Apache-2.0
// The catalogue: commands, lists, descriptors.
#include "tests/model/accelerator/misuse_catalogue.h"

namespace dixion::test {
namespace {

/// A mistake in the descriptor of DMA_FILL's operand.
Mistake descriptor(const char* name, const char* what, std::uint32_t cause, std::uint64_t value, const char* expected,
                   const std::function<void(dixion_descriptor_t&)>& spoil) {
  return {kCommand, name, what, cause, kOperand0, value, "DMA_FILL.dst", expected, [spoil](Bench& b, Command& c) {
            spoil(b.bad());
            c.operands[0] = Bench::kBad;
          }};
}

Mistake in_list(Mistake mistake) {
  mistake.in_list = true;
  return mistake;
}

}  // namespace

std::vector<Mistake> command_mistakes() {
  return {
      {kCommand, "UnknownOpcode", "an opcode that does not exist", DIXION_CAUSE_ILLEGAL_OPCODE, DIXION_FIELD_OPCODE,
       0x7f, "opcode", "an opcode of docs/registers/commands.md", [](Bench&, Command& c) { c.opcode = 0x7f; }},
      {kCommand, "UnknownFlag", "a flag that does not exist", DIXION_CAUSE_RESERVED_BITS, DIXION_FIELD_FLAGS, 0x80,
       "DMA_FILL.FLAGS", "only bits INTERRUPT, FENCE, RECORD and ROW_LIST", [](Bench&, Command& c) { c.flags = 0x80; }},
      {kCommand, "ReservedByte", "the command's last byte is not 0", DIXION_CAUSE_RESERVED_BITS, DIXION_FIELD_NONE, 1,
       "DMA_FILL", "0 in the command's last byte", [](Bench&, Command& c) { c.reserved = 1; }},
      {kCommand, "FirstWaitSemaphore", "first wait on a semaphore that does not exist", DIXION_CAUSE_BAD_SEMAPHORE,
       DIXION_FIELD_WAIT_SEMAPHORE0, 64, "DMA_FILL.WAIT_SEMAPHORE0", "a semaphore from 0 to 63",
       [](Bench&, Command& c) { c.wait_semaphore[0] = 64; }},
      {kCommand, "SecondWaitSemaphore", "second wait on a semaphore that does not exist", DIXION_CAUSE_BAD_SEMAPHORE,
       DIXION_FIELD_WAIT_SEMAPHORE1, 255, "DMA_FILL.WAIT_SEMAPHORE1", "a semaphore from 0 to 63",
       [](Bench&, Command& c) { c.wait_semaphore[1] = 255; }},
      {kCommand, "SignalSemaphore", "signal of a semaphore that does not exist", DIXION_CAUSE_BAD_SEMAPHORE,
       DIXION_FIELD_SIGNAL_SEMAPHORE, 64, "DMA_FILL.SIGNAL_SEMAPHORE", "a semaphore from 0 to 63",
       [](Bench&, Command& c) { c.signal_semaphore = 64; }},
      {kCommand, "UnknownSplit", "a split that does not exist", DIXION_CAUSE_RESERVED_BITS, DIXION_FIELD_SPLIT, 3,
       "DMA_FILL.SPLIT", "ROWS, COLUMNS or HEADS", [](Bench&, Command& c) { c.split = 3; }},
      {kCommand, "CoresOfAControlCommand", "a control command names cores", DIXION_CAUSE_BAD_CORE_SET,
       DIXION_FIELD_CORE_SET, 0x100, "NOP.CORE_SET", "0: the command uses no cores",
       [](Bench& b, Command& c) {
         c = b.command(DIXION_OPCODE_NOP, {});
         c.core_count = 1;
       }},
      {kCommand, "ChannelThatIsNotThere", "a DMA channel that does not exist", DIXION_CAUSE_BAD_CORE_SET,
       DIXION_FIELD_CORE_SET, 2, "DMA_FILL.CORE_SET", "channels from 0 to 1",
       [](Bench&, Command& c) { c.core_first = 2; }},
      {kCommand, "CoresBeyondTheLast", "a core set that ends behind the last core", DIXION_CAUSE_BAD_CORE_SET,
       DIXION_FIELD_CORE_SET, 0x203, "CONVERT.CORE_SET", "cores from 0 to 3",
       [](Bench& b, Command& c) {
         c = b.command(DIXION_OPCODE_CONVERT, {Bench::kFilled0, Bench::kBad});
         c.core_first = 3;
         c.core_count = 2;
       }},
      {kCommand, "ImmediateNotInUse", "an immediate that the opcode does not use is not 0", DIXION_CAUSE_RESERVED_BITS,
       DIXION_FIELD_IMMEDIATE0 + 1, 5, "DMA_FILL.IMMEDIATE1", "0: the command uses 1 immediates",
       [](Bench&, Command& c) { c.immediates[1] = 5; }},
      {kCommand, "MaskOfAnUnusedImmediate", "parameter_mask names an immediate that the opcode does not use",
       DIXION_CAUSE_BAD_PARAMETER, DIXION_FIELD_PARAMETER_MASK, 2, "DMA_FILL.PARAMETER_MASK",
       "bits of the 1 immediates in use only", [](Bench&, Command& c) { c.parameter_mask = 2; }},
      {kCommand, "MaskWithoutBlock", "parameter_mask without a parameter block", DIXION_CAUSE_BAD_PARAMETER,
       DIXION_FIELD_PARAMETER_MASK, 1, "DMA_FILL.PARAMETER_MASK", "0: there is no parameter block",
       [](Bench&, Command& c) { c.parameter_mask = 1; }},
      in_list({kCommand, "ParameterNumber", "an immediate takes a parameter that does not exist",
               DIXION_CAUSE_BAD_PARAMETER, DIXION_FIELD_IMMEDIATE0, 31, "DMA_FILL.value",
               "a parameter number from 0 to 30",
               [](Bench&, Command& c) {
                 c.parameter_mask = 1;
                 c.immediates[0] = 31;
               }}),
      {kCommand, "MissingOperand", "an operand that must be given is 0", DIXION_CAUSE_MISSING_OPERAND, kOperand0, 0,
       "DMA_FILL.dst", "a descriptor index above 0", [](Bench&, Command& c) { c.operands[0] = 0; }},
      {kCommand, "OperandTooMany", "an operand behind the opcode's last", DIXION_CAUSE_BAD_OPERAND_INDEX, kOperand0 + 1,
       1, "DMA_FILL.OPERAND1", "0: the command has 1 operands", [](Bench&, Command& c) { c.operands[1] = 1; }},
      {kCommand, "IndexBeyondTheTable", "a descriptor index not below DESCRIPTOR_COUNT", DIXION_CAUSE_BAD_OPERAND_INDEX,
       kOperand0, 16, "DMA_FILL.dst", "an index below DESCRIPTOR_COUNT = 16",
       [](Bench&, Command& c) { c.operands[0] = 16; }},
      {kCommand, "NoTable", "operands although no descriptor table is set", DIXION_CAUSE_BAD_OPERAND_INDEX, kOperand0,
       1, "DMA_FILL.dst", "a descriptor table: DESCRIPTOR_COUNT is 0",
       [](Bench& b, Command&) { b.write(DIXION_ACCELERATOR_DESCRIPTOR_COUNT, 0); }},
      {kCommand, "UnreadableTable", "the descriptor table lies where memory does not answer", DIXION_CAUSE_BUS_ERROR,
       kOperand0, 1, "DMA_FILL.dst", "a readable descriptor table",
       [](Bench& b, Command&) { b.write(DIXION_ACCELERATOR_DESCRIPTOR_BASE_LO, Bench::kBrokenMemory); }},
      {kCommand, "EmptyList", "CALL of a list without commands", DIXION_CAUSE_BAD_LIST, DIXION_FIELD_LIST_COUNT, 0,
       "CALL.LIST_COUNT", "at least 1 command",
       [](Bench& b, Command& c) { (c = b.call(Bench::kLists, c)).call.list_count = 0; }},
      {kCommand, "MisalignedList", "CALL of a list that is not 64-byte aligned", DIXION_CAUSE_MISALIGNED,
       DIXION_FIELD_LIST_ADDRESS, Bench::kLists + 8, "CALL.LIST_ADDRESS", "a multiple of 64",
       [](Bench& b, Command& c) { c = b.call(Bench::kLists + 8, c); }},
      {kCommand, "ListOutsideMemory", "CALL of a list that ends outside memory", DIXION_CAUSE_BAD_ADDRESS,
       DIXION_FIELD_LIST_ADDRESS, 0xfffc0, "CALL.LIST_ADDRESS", "a list inside memory",
       [](Bench& b, Command& c) { (c = b.call(0xfffc0, c)).call.list_count = 2; }},
      {kCommand, "ReservedWordOfCall", "the word behind list_count is not 0", DIXION_CAUSE_RESERVED_BITS,
       DIXION_FIELD_LIST_COUNT, 1, "CALL.LIST_COUNT", "0 in the word behind LIST_COUNT",
       [](Bench& b, Command& c) { (c = b.call(Bench::kLists, c)).call.reserved = 1; }},
      {kCommand, "MisalignedBlock", "a parameter block that is not 64-byte aligned", DIXION_CAUSE_MISALIGNED,
       DIXION_FIELD_PARAMETER_ADDRESS, Bench::kParameters + 4, "CALL.PARAMETER_ADDRESS", "a multiple of 64",
       [](Bench& b, Command& c) { c = b.call(Bench::kLists, c, Bench::kParameters + 4); }},
      {kCommand, "BlockOutsideMemory", "a parameter block that ends outside memory", DIXION_CAUSE_BAD_ADDRESS,
       DIXION_FIELD_PARAMETER_ADDRESS, 0xfff00, "CALL.PARAMETER_ADDRESS", "a parameter block inside memory",
       [](Bench& b, Command& c) { c = b.call(Bench::kLists, c, 0xfff00); }},
      {kCommand, "ReservedWordOfBlock", "the parameter block's second word is not 0", DIXION_CAUSE_BAD_PARAMETER,
       DIXION_FIELD_PARAMETER_ADDRESS, 9, "CALL.PARAMETER_ADDRESS", "0 in the parameter block's second word",
       [](Bench& b, Command& c) {
         c = b.call(Bench::kLists, c, Bench::kParameters);
         b.at<dixion_parameter_block_t>(Bench::kParameters).reserved = 9;
       }},
      {kCommand, "UnreadableList", "a list where memory does not answer", DIXION_CAUSE_BUS_ERROR,
       DIXION_FIELD_LIST_ADDRESS, Bench::kBrokenMemory, "CALL.LIST_ADDRESS", "a readable list",
       [](Bench& b, Command& c) { c = b.call(Bench::kBrokenMemory, c); }},
      {kCommand, "UnreadableBlock", "a parameter block where memory does not answer", DIXION_CAUSE_BUS_ERROR,
       DIXION_FIELD_PARAMETER_ADDRESS, Bench::kBrokenMemory, "CALL.PARAMETER_ADDRESS", "a readable parameter block",
       [](Bench& b, Command& c) { c = b.call(Bench::kLists, c, Bench::kBrokenMemory); }},
      in_list({kCommand, "CallInAList", "CALL inside a list", DIXION_CAUSE_BAD_LIST, DIXION_FIELD_OPCODE, 1,
               "CALL.OPCODE", "no CALL inside a list",
               [](Bench& b, Command& c) { c = b.call(Bench::kLists + 0x400, c); }}),
      in_list({kCommand, "InterruptWithoutRecord", "INTERRUPT without RECORD inside a list", DIXION_CAUSE_RESERVED_BITS,
               DIXION_FIELD_FLAGS, 1, "DMA_FILL.FLAGS", "RECORD together with INTERRUPT inside a list",
               [](Bench&, Command& c) { c.flags = DIXION_COMMAND_FLAG_INTERRUPT; }}),
  };
}

std::vector<Mistake> descriptor_mistakes() {
  using D = dixion_descriptor_t;
  return {
      descriptor("UnknownFormat", "a format that does not exist", DIXION_CAUSE_BAD_FORMAT, 99,
                 "a format of CAP_FORMATS", [](D& d) { d.format = 99; }),
      descriptor("RankZero", "rank 0", DIXION_CAUSE_BAD_DESCRIPTOR, 0, "rank 1 to 4", [](D& d) { d.rank = 0; }),
      descriptor("RankFive", "rank above 4", DIXION_CAUSE_BAD_DESCRIPTOR, 5, "rank 1 to 4", [](D& d) { d.rank = 5; }),
      descriptor("UnknownDescriptorFlag", "a flag that does not exist", DIXION_CAUSE_BAD_DESCRIPTOR, 2,
                 "descriptor flags: only bit PARAMETER_BASE", [](D& d) { d.flags = 2; }),
      descriptor("ReservedBytes", "one of the last 3 bytes is not 0", DIXION_CAUSE_BAD_DESCRIPTOR, 4,
                 "0 in the descriptor's last 3 bytes", [](D& d) { d.reserved[1] = 4; }),
      descriptor("BaseWithoutBlock", "PARAMETER_BASE without a parameter block", DIXION_CAUSE_BAD_PARAMETER, 3,
                 "a CALL with a parameter block",
                 [](D& d) {
                   d.flags = DIXION_DESCRIPTOR_FLAG_PARAMETER_BASE;
                   d.parameter = 3;
                 }),
      in_list(descriptor("BaseNumber", "PARAMETER_BASE with a parameter that does not exist",
                         DIXION_CAUSE_BAD_PARAMETER, 31, "parameter 0 to 30",
                         [](D& d) {
                           d.flags = DIXION_DESCRIPTOR_FLAG_PARAMETER_BASE;
                           d.parameter = 31;
                         })),
      descriptor("ParameterWithoutBase", "a parameter number without PARAMETER_BASE", DIXION_CAUSE_BAD_DESCRIPTOR, 3,
                 "parameter 0 without PARAMETER_BASE", [](D& d) { d.parameter = 3; }),
      descriptor("MisalignedAddress", "an address that is not aligned to the element", DIXION_CAUSE_MISALIGNED,
                 Bench::result(0) + 0x202, "an address that is a multiple of 4", [](D& d) { d.address += 2; }),
      descriptor("MisalignedStride", "a stride that is no multiple of the element", DIXION_CAUSE_MISALIGNED, 6,
                 "a stride that is a multiple of 4 in dimension 1", [](D& d) { d.stride[1] = 6; }),
      descriptor("ExtentZero", "an extent of 0", DIXION_CAUSE_BAD_DESCRIPTOR, 0, "extent 1 to 2^31 - 1 in dimension 0",
                 [](D& d) { d.extent[0] = 0; }),
      descriptor("ExtentTooLarge", "an extent of 2^31", DIXION_CAUSE_BAD_DESCRIPTOR, 0x80000000,
                 "extent 1 to 2^31 - 1 in dimension 1", [](D& d) { d.extent[1] = 0x80000000; }),
      descriptor("ExtentBeyondTheRank", "an extent behind the rank is not 0", DIXION_CAUSE_BAD_DESCRIPTOR, 7,
                 "extent 0 in dimension 2", [](D& d) { d.extent[2] = 7; }),
      descriptor("OutsideMemory", "an element outside memory", DIXION_CAUSE_BAD_ADDRESS, 0xffffc,
                 "all elements inside DRAM or global buffer", [](D& d) { d.address = 0xffffc; }),
      descriptor("OutsideTheGlobalBuffer", "an element outside the global buffer", DIXION_CAUSE_BAD_ADDRESS,
                 DIXION_GLOBAL_BUFFER_BASE + (8U << 20) - 32, "all elements inside DRAM or global buffer",
                 [](D& d) { d.address = DIXION_GLOBAL_BUFFER_BASE + (8U << 20) - 32; }),
      descriptor("SpanBeyond64Bits", "strides that leave the 64 bits of an address", DIXION_CAUSE_BAD_ADDRESS,
                 Bench::result(0) + 0x200, "all elements inside DRAM or global buffer",
                 [](D& d) { d.stride[0] = 0xfffffffffffffffc; }),
  };
}

}  // namespace dixion::test

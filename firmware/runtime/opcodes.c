/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/runtime/opcodes.h"

#include <stddef.h>
#include <stdio.h>

#include "models/abi/generated/commands.h"

#define OPCODE(name, unit, outputs) \
  { DIXION_OPCODE_##name, OPCODE_UNIT_##unit, outputs, #name }
#define NOTHING 0u
#define OPERAND(i) (1u << (i))

static const opcode_info_t opcodes[] = {
    OPCODE(NOP, CONTROL, NOTHING),
    OPCODE(CALL, CONTROL, NOTHING),
    OPCODE(TIMESTAMP, CONTROL, OPERAND(0)),
    OPCODE(DMA_COPY, DMA, OPERAND(1)),
    OPCODE(DMA_GATHER, DMA, OPERAND(2)),
    OPCODE(DMA_FILL, DMA, OPERAND(0)),
    OPCODE(DMA_IM2COL, DMA, OPERAND(1)),
    OPCODE(DMA_RESIZE, DMA, OPERAND(1)),
    OPCODE(MATMUL, MATRIX, OPERAND(4)),
    OPCODE(ATTENTION, MATRIX, OPERAND(3)),
    OPCODE(ATTENTION_MARK, MATRIX, OPERAND(3) | OPERAND(4)),
    OPCODE(ATTENTION_MASKED, MATRIX, OPERAND(4)),
    OPCODE(MATMUL_PARTIAL, MATRIX, OPERAND(5) | OPERAND(6)),
    OPCODE(MATMUL_RESUME, MATRIX, OPERAND(5)),
    OPCODE(MATMUL_MASKED, MATRIX, OPERAND(6)),
    OPCODE(MATMUL_ROWS, MATRIX, OPERAND(5)),
    OPCODE(NORM_MODULATE, VECTOR, OPERAND(3)),
    OPCODE(GELU, VECTOR, OPERAND(1)),
    OPCODE(GELU_TANH, VECTOR, OPERAND(1)),
    OPCODE(SILU, VECTOR, OPERAND(1)),
    OPCODE(ADD, VECTOR, OPERAND(2)),
    OPCODE(GATED_RESIDUAL, VECTOR, OPERAND(3)),
    OPCODE(CONVERT, VECTOR, OPERAND(1)),
    OPCODE(SAMPLER_UPDATE, VECTOR, OPERAND(4)),
    OPCODE(NOISE, VECTOR, OPERAND(0)),
    OPCODE(GROUP_NORM, VECTOR, OPERAND(3)),
    OPCODE(GEGLU, VECTOR, OPERAND(1)),
    OPCODE(MODULATE, VECTOR, OPERAND(3)),
    OPCODE(ROTARY, VECTOR, OPERAND(2)),
    OPCODE(RELU, VECTOR, OPERAND(1)),
    OPCODE(MASK_THRESHOLD, SPARSITY, OPERAND(1)),
    OPCODE(CONMERGE_BUILD, SPARSITY, OPERAND(1)),
    OPCODE(TOKEN_DECISION, SPARSITY, OPERAND(2)),
    OPCODE(PREDICT, PREDICTION, OPERAND(4) | OPERAND(5)),
};

const opcode_info_t* opcode_find(uint32_t opcode) {
  for (size_t i = 0; i < sizeof opcodes / sizeof opcodes[0]; ++i) {
    if (opcodes[i].opcode == opcode) return &opcodes[i];
  }
  return NULL;
}

const char* opcode_cause_name(uint32_t cause) {
  static const char* const names[] = {
      "NONE",       "ILLEGAL_OPCODE", "RESERVED_BITS", "MISSING_OPERAND", "BAD_OPERAND_INDEX", "BAD_DESCRIPTOR",
      "BAD_FORMAT", "BAD_SHAPE",      "BAD_ADDRESS",   "MISALIGNED",      "BAD_IMMEDIATE",     "BAD_SEMAPHORE",
      "BAD_LIST",   "BUS_ERROR",      "BAD_CORE_SET",  "BAD_PARAMETER",   "BAD_REGISTER", "STALE_SCHEDULE"};
  return cause < sizeof names / sizeof names[0] ? names[cause] : "?";
}

void opcode_field_name(uint32_t field, char* text) {
  static const char* const names[] = {"OPCODE",          "FLAGS",           "CORE_SET",         "SPLIT",
                                      "WAIT_SEMAPHORE0", "WAIT_SEMAPHORE1", "SIGNAL_SEMAPHORE", "PARAMETER_MASK",
                                      "LIST_ADDRESS",    "LIST_COUNT",      "PARAMETER_ADDRESS"};
  const uint32_t named = field - DIXION_FIELD_OPCODE;
  if (field < DIXION_FIELD_IMMEDIATE0) {
    sprintf(text, "OPERAND%u", (unsigned)field);
  } else if (field < DIXION_FIELD_OPCODE) {
    sprintf(text, "IMMEDIATE%u", (unsigned)(field - DIXION_FIELD_IMMEDIATE0));
  } else {
    sprintf(text, "%s", named < sizeof names / sizeof names[0] ? names[named] : "no field");
  }
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What the runtime must know of each opcode: where it runs and which operands it writes. */
#ifndef DIXION_FIRMWARE_RUNTIME_OPCODES_H
#define DIXION_FIRMWARE_RUNTIME_OPCODES_H

#include <stdbool.h>
#include <stdint.h>

enum opcode_unit { OPCODE_UNIT_CONTROL, OPCODE_UNIT_DMA, OPCODE_UNIT_MATRIX, OPCODE_UNIT_VECTOR, OPCODE_UNIT_PREDICTION, OPCODE_UNIT_SPARSITY };

#define ROW_LIST_OPERAND 11u /* no opcode has as many operands of its own */

typedef struct opcode_info {
  uint8_t opcode;   /* DIXION_OPCODE_* */
  uint8_t unit;     /* OPCODE_UNIT_* */
  uint16_t outputs; /* bit i: it writes operand i */
  const char* name;
} opcode_info_t;

/* Whether the opcode, a known one, writes operand `operand`. */
static inline bool opcode_writes(const opcode_info_t* info, uint32_t operand) {
  return (info->outputs >> operand & 1u) != 0;
}

/* Null for an unknown opcode. */
const opcode_info_t* opcode_find(uint32_t opcode);

/* For people; "?" for unknown values. */
const char* opcode_cause_name(uint32_t cause);

/* Writes "OPERAND3" or the like into `text`, which has at least 24 bytes. */
void opcode_field_name(uint32_t field, char* text);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/runtime/split.h"

#include <stdbool.h>

#include "firmware/runtime/opcodes.h"
#include "models/abi/generated/commands.h"

static uint64_t ceil_div(uint64_t a, uint64_t b) { return (a + b - 1u) / b; }

/* Extent counted from the last dimension; 1 beyond the rank. */
static uint64_t from_end(const dixion_image_tensor_t* tensor, uint32_t index) {
  return index < tensor->rank ? tensor->extent[tensor->rank - 1u - index] : 1u;
}

/* Tiles of `rows` rows. How many of them a row list names is not known when lists of commands are made: half of them.
 */
static uint64_t row_tiles_of(uint64_t rows, bool listed, const accel_capabilities_t* capabilities) {
  return ceil_div(listed ? ceil_div(rows, 2u) : rows, capabilities->array_rows);
}

static uint8_t split_of_product(const dixion_image_tensor_t* src, const dixion_image_tensor_t* weight, bool listed,
                                const accel_capabilities_t* capabilities) {
  const bool own_weights = weight->rank == 3;
  const uint64_t samples = from_end(src, 2);
  const uint64_t groups = own_weights ? samples : 1u; /* products one after the other */
  const uint64_t row_tiles = row_tiles_of(from_end(src, 1) * (own_weights ? 1u : samples), listed, capabilities);
  const uint64_t column_tiles = ceil_div(from_end(weight, 1), capabilities->array_columns);
  const uint64_t by_rows = groups * ceil_div(row_tiles, capabilities->cores) * column_tiles;
  const uint64_t by_columns = groups * row_tiles * ceil_div(column_tiles, capabilities->cores);
  const uint64_t by_heads =
      ceil_div(samples, capabilities->cores) * row_tiles_of(from_end(src, 1), listed, capabilities) * column_tiles;
  if (by_rows <= by_columns && by_rows <= by_heads) return DIXION_SPLIT_ROWS;
  return by_columns <= by_heads ? DIXION_SPLIT_COLUMNS : DIXION_SPLIT_HEADS;
}

static uint8_t split_of_attention(const dixion_image_tensor_t* q, bool listed,
                                  const accel_capabilities_t* capabilities) {
  const uint64_t heads = from_end(q, 3) * from_end(q, 2);
  const uint64_t row_tiles = row_tiles_of(from_end(q, 1), listed, capabilities);
  const uint64_t by_rows = heads * ceil_div(row_tiles, capabilities->cores);
  const uint64_t by_heads = ceil_div(heads, capabilities->cores) * row_tiles;
  return by_rows <= by_heads ? DIXION_SPLIT_ROWS : DIXION_SPLIT_HEADS;
}

/* `mask` is [batch, heads, T, words]. Whole heads need no exchange of keys between cores. */
static uint8_t split_of_prediction(const dixion_image_tensor_t* mask, bool listed,
                                   const accel_capabilities_t* capabilities) {
  const uint64_t heads = from_end(mask, 3) * from_end(mask, 2);
  const uint64_t row_tiles = row_tiles_of(from_end(mask, 1), listed, capabilities);
  const uint64_t by_rows = heads * ceil_div(row_tiles, capabilities->cores);
  return ceil_div(heads, capabilities->cores) * row_tiles <= by_rows ? DIXION_SPLIT_HEADS : DIXION_SPLIT_ROWS;
}

uint8_t split_of(const dixion_image_tensor_t* tensors, const dixion_image_operator_t* entry,
                 const accel_capabilities_t* capabilities) {
  if (entry->split != DIXION_IMAGE_SPLIT_AUTO) return entry->split;
  const bool described = capabilities->cores != 0 && capabilities->array_rows != 0 && capabilities->array_columns != 0;
  const bool complete = entry->operands[0] != DIXION_IMAGE_NONE && entry->operands[1] != DIXION_IMAGE_NONE;
  if (!described || !complete) return DIXION_SPLIT_ROWS; /* the accelerator names what is missing */
  const bool listed = entry->operands[ROW_LIST_OPERAND] != DIXION_IMAGE_NONE;
  if (entry->opcode == DIXION_OPCODE_MATMUL || entry->opcode == DIXION_OPCODE_MATMUL_PARTIAL ||
      entry->opcode == DIXION_OPCODE_MATMUL_RESUME || entry->opcode == DIXION_OPCODE_MATMUL_MASKED ||
      entry->opcode == DIXION_OPCODE_MATMUL_ROWS)
    return split_of_product(&tensors[entry->operands[0]], &tensors[entry->operands[1]], listed, capabilities);
  if (entry->opcode == DIXION_OPCODE_ATTENTION || entry->opcode == DIXION_OPCODE_ATTENTION_MARK ||
      entry->opcode == DIXION_OPCODE_ATTENTION_MASKED) {
    return split_of_attention(&tensors[entry->operands[0]], listed, capabilities);
  }
  if (entry->opcode == DIXION_OPCODE_PREDICT && entry->operands[4] != DIXION_IMAGE_NONE)
    return split_of_prediction(&tensors[entry->operands[4]], listed, capabilities);
  return DIXION_SPLIT_ROWS;
}

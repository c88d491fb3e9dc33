/* SPDX-License-Identifier: Apache-2.0 */
/* Builds tensor descriptors and the table of them. */
#ifndef DIXION_FIRMWARE_RUNTIME_DESCRIPTORS_H
#define DIXION_FIRMWARE_RUNTIME_DESCRIPTORS_H

#include <stdint.h>

#include "firmware/lib/bump.h"
#include "models/abi/generated/commands.h"

typedef struct descriptor_table {
  dixion_descriptor_t* entries; /* entry 0 is "no operand" */
  uint32_t count;
  uint32_t capacity;
} descriptor_table_t;

/* Room for `tensors` descriptors (at most 65535). STATUS_BAD_ARGUMENT, STATUS_NO_MEMORY. */
MUST_USE status_t descriptor_table_init(descriptor_table_t* table, bump_t* memory, uint32_t tensors);

/* Appends; *index is what commands name. STATUS_NO_MEMORY when the table is full. */
MUST_USE status_t descriptor_table_add(descriptor_table_t* table, const dixion_descriptor_t* descriptor,
                                       uint16_t* index);

/* A row-major tensor without gaps. `rank` 1 to 4. */
dixion_descriptor_t descriptor_dense(uint64_t address, uint32_t format, uint32_t rank, const uint32_t* extent);

/* Bytes of one element; 0 for formats that pack several. */
uint32_t descriptor_element_size(uint32_t format);

#endif

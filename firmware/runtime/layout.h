/* SPDX-License-Identifier: Apache-2.0 */
/* Which scratch tensors live when, and places in memory that tensors share one after the other. */
#ifndef DIXION_FIRMWARE_RUNTIME_LAYOUT_H
#define DIXION_FIRMWARE_RUNTIME_LAYOUT_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/lib/bump.h"
#include "firmware/runtime/image.h"

/* Everything is placed on multiples of this. */
#define LAYOUT_ALIGNMENT 64u
#define LAYOUT_ALIGNED(size) (((size) + LAYOUT_ALIGNMENT - 1u) & ~(uint64_t)(LAYOUT_ALIGNMENT - 1u))

enum layout_memory { LAYOUT_NOWHERE, LAYOUT_WHOLE_RUN, LAYOUT_DRAM, LAYOUT_GLOBAL_BUFFER };

/* A STEP tensor, no view, from the first operator that touches it or one of its views to the last. */
typedef struct lifetime {
  uint64_t size;   /* rounded up */
  uint64_t offset; /* in its memory, once placed */
  uint32_t tensor;
  uint32_t first; /* number of the operator */
  uint32_t last;
  uint8_t phase;
  uint8_t memory; /* enum layout_memory */
} lifetime_t;

typedef struct layout {
  lifetime_t* lifetimes; /* by `first` */
  uint32_t count;
} layout_t;

/* Finds the lifetimes of all STEP tensors that operators touch. A tensor that carries something from step to step after
 * all, because another phase touches it too or its first operator reads it, is marked LAYOUT_WHOLE_RUN. `image` is
 * checked. STATUS_NO_MEMORY. */
MUST_USE status_t layout_init(layout_t* layout, const dixion_image_header_t* image, bump_t* memory);

/* Places tensors that are nowhere yet into [begin, end) of `memory` (DRAM or global buffer): short lifetimes first, by
 * doubling length; in each class by first operator, at the lowest offset that no tensor living at the same time
 * occupies. What does not fit stays nowhere. `steps_only`: only tensors of DIXION_PHASE_STEP. Returns the end of the
 * highest one, at least `begin`. The same image gives the same places. */
uint64_t layout_place(layout_t* layout, enum layout_memory memory, bool steps_only, uint64_t begin, uint64_t end);

#endif

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

/* Operators first to last keep something in a STEP tensor that is no view, or in views of it. An operator that writes
 * all of it without reading it begins another lifetime: in between, the tensor's memory is free for others. */
typedef struct lifetime {
  uint64_t size;   /* of the tensor, rounded up */
  uint64_t offset; /* of the tensor in its memory, once placed */
  uint32_t tensor;
  uint32_t first; /* number of the operator */
  uint32_t last;
  uint32_t next;  /* 1 + index of the tensor's next lifetime, or 0 */
  bool later;     /* not the tensor's first lifetime */
  uint8_t phase;  /* the same in all of the tensor's lifetimes ... */
  uint8_t memory; /* ... and so is the enum layout_memory */
} lifetime_t;

typedef struct layout {
  lifetime_t* lifetimes; /* by `first` */
  uint32_t count;
} layout_t;

/* Finds all lifetimes of all STEP tensors that operators touch. A tensor that carries something from step to step after
 * all, because another phase touches it too or its first operator reads it, is marked LAYOUT_WHOLE_RUN. `image` is
 * checked. STATUS_NO_MEMORY. */
MUST_USE status_t layout_init(layout_t* layout, const dixion_image_header_t* image, bump_t* memory);

/* Places tensors that are nowhere yet into [begin, end) of `memory` (DRAM or global buffer): short lifetimes first, by
 * doubling length of the longest; in each class by first operator, at the lowest offset where no other tensor ever
 * lives at the same time. What does not fit stays nowhere. `steps_only`: only tensors of DIXION_PHASE_STEP. Returns the
 * end of the highest one, at least `begin`. The same image gives the same places. */
uint64_t layout_place(layout_t* layout, enum layout_memory memory, bool steps_only, uint64_t begin, uint64_t end);

#endif

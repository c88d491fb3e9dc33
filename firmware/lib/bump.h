/* SPDX-License-Identifier: Apache-2.0 */
/* Allocator without free: memory is handed out from one end of a range. */
#ifndef DIXION_FIRMWARE_LIB_BUMP_H
#define DIXION_FIRMWARE_LIB_BUMP_H

#include <stddef.h>
#include <stdint.h>

#include "firmware/lib/status.h"

typedef struct bump {
  uintptr_t next;
  uintptr_t end;
  size_t refused; /* bytes of the newest allocation that did not fit, or 0 */
} bump_t;

/* Hands out [begin, end). */
void bump_init(bump_t* bump, void* begin, void* end);

/* `size` bytes on a multiple of `alignment` (a power of two), content as found. STATUS_NO_MEMORY leaves *memory and
 * what is free as they were. */
MUST_USE status_t bump_allocate(bump_t* bump, size_t size, size_t alignment, void** memory);

/* The same, filled with zeros. */
MUST_USE status_t bump_allocate_zeroed(bump_t* bump, size_t size, size_t alignment, void** memory);

/* Bytes left, before alignment. */
size_t bump_left(const bump_t* bump);

/* Bytes of the largest allocation with this alignment that would succeed. */
size_t bump_left_aligned(const bump_t* bump, size_t alignment);

/* The newest allocation ends at `end` after all: what it has behind that is free again. */
void bump_give_back(bump_t* bump, void* end);

#endif

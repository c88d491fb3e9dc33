/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/lib/bump.h"

#include <string.h>

void bump_init(bump_t* bump, void* begin, void* end) {
  bump->next = (uintptr_t)begin;
  bump->end = (uintptr_t)end;
  bump->refused = 0;
}

status_t bump_allocate(bump_t* bump, size_t size, size_t alignment, void** memory) {
  const uintptr_t begin = (bump->next + alignment - 1) & ~(uintptr_t)(alignment - 1);
  if (begin < bump->next || begin > bump->end || size > bump->end - begin) {
    bump->refused = size;
    return STATUS_NO_MEMORY;
  }
  bump->next = begin + size;
  *memory = (void*)begin;
  return STATUS_OK;
}

status_t bump_allocate_zeroed(bump_t* bump, size_t size, size_t alignment, void** memory) {
  const status_t status = bump_allocate(bump, size, alignment, memory);
  if (status == STATUS_OK) memset(*memory, 0, size);
  return status;
}

size_t bump_left(const bump_t* bump) { return bump->end - bump->next; }

size_t bump_left_aligned(const bump_t* bump, size_t alignment) {
  const uintptr_t begin = (bump->next + alignment - 1) & ~(uintptr_t)(alignment - 1);
  return begin < bump->next || begin > bump->end ? 0 : bump->end - begin;
}

void bump_give_back(bump_t* bump, void* end) { bump->next = (uintptr_t)end; }

/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/runtime/dependencies.h"

status_t dependencies_init(dependencies_t* dependencies, bump_t* memory, uint32_t accesses) {
  void* pool;
  const status_t status = bump_allocate(memory, accesses * sizeof(access_t), 64, &pool);
  if (status == STATUS_OK) *dependencies = (dependencies_t){.accesses = pool, .capacity = accesses};
  return status;
}

void dependencies_clear(dependencies_t* dependencies) { dependencies->count = 0; }

static bool overlap(const span_t* a, const span_t* b) { return a->begin < b->end && b->begin < a->end; }

void dependencies_need(const dependencies_t* dependencies, const span_t* span, bool write, uint32_t need[LIST_UNITS]) {
  for (uint32_t i = 0; i < dependencies->count; ++i) {
    const access_t* access = &dependencies->accesses[i];
    if (!overlap(&access->span, span)) continue;
    if (!write && !access->write) continue; /* readers do not disturb one another */
    if (need[access->unit] < access->count) need[access->unit] = access->count;
  }
}

/* Takes `inside` away from `span`; in the middle, where two pieces would remain, nothing. */
static void cut(span_t* span, const span_t* inside) {
  if (inside->begin <= span->begin) {
    span->begin = inside->end < span->end ? inside->end : span->end;
  } else if (inside->end >= span->end) {
    span->end = inside->begin;
  }
}

status_t dependencies_note(dependencies_t* dependencies, const span_t* span, bool write, uint32_t unit,
                           uint32_t count) {
  for (uint32_t i = 0; i < dependencies->count;) {
    access_t* access = &dependencies->accesses[i];
    const bool stands_for = write || (!access->write && access->unit == unit);
    if (stands_for && overlap(&access->span, span)) cut(&access->span, span);
    if (access->span.begin >= access->span.end) {
      *access = dependencies->accesses[--dependencies->count];
    } else {
      ++i;
    }
  }
  if (dependencies->count == dependencies->capacity) return STATUS_NO_MEMORY;
  dependencies->accesses[dependencies->count++] =
      (access_t){.span = *span, .count = count, .unit = (uint8_t)unit, .write = write};
  if (dependencies->most < dependencies->count) dependencies->most = dependencies->count;
  return STATUS_OK;
}

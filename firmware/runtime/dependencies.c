/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/runtime/dependencies.h"

#include <string.h>

status_t dependencies_init(dependencies_t* dependencies, bump_t* memory, uint32_t roots, uint32_t accesses) {
  void *pool, *newest;
  status_t status = bump_allocate(memory, accesses * sizeof(access_t), 64, &pool);
  if (status == STATUS_OK) status = bump_allocate(memory, roots * sizeof(uint32_t), 64, &newest);
  if (status != STATUS_OK) return status;
  *dependencies = (dependencies_t){.accesses = pool, .capacity = accesses, .newest = newest, .roots = roots};
  dependencies_clear(dependencies);
  return STATUS_OK;
}

void dependencies_clear(dependencies_t* dependencies) {
  dependencies->count = 0;
  memset(dependencies->newest, 0, dependencies->roots * sizeof(uint32_t));
}

void dependencies_need(const dependencies_t* dependencies, const span_t* span, bool write, uint32_t need[LIST_UNITS]) {
  uint32_t next = dependencies->newest[span->root];
  while (next != 0) {
    const access_t* access = &dependencies->accesses[next - 1];
    next = access->before;
    if (!write && !access->write) continue; /* readers do not disturb one another */
    if (access->end <= span->begin || span->end <= access->begin) continue;
    if (need[access->unit] < access->count) need[access->unit] = access->count;
  }
}

status_t dependencies_note(dependencies_t* dependencies, const span_t* span, bool write, uint32_t unit,
                           uint32_t count) {
  if (dependencies->count == dependencies->capacity) return STATUS_NO_MEMORY;
  dependencies->accesses[dependencies->count] = (access_t){.begin = span->begin,
                                                           .end = span->end,
                                                           .before = dependencies->newest[span->root],
                                                           .count = count,
                                                           .unit = (uint8_t)unit,
                                                           .write = write};
  dependencies->newest[span->root] = ++dependencies->count;
  return STATUS_OK;
}

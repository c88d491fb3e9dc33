/* SPDX-License-Identifier: Apache-2.0 */
/* Who touched which bytes: finds what a command must wait for (read after write, write after read, write after write).
 * Bytes are named by their address, not by their tensor, so that memory may be used again and again.
 *
 * The list stays near the number of live buffers: who has waited for an older access stands for it from then on.
 *  - A write waits for every access it overlaps; whoever meets the old access inside the written bytes meets the write
 *    too. So the part of the old access that lies inside goes.
 *  - A read stands in the same way for older reads of its own unit, which runs its commands in order. */
#ifndef DIXION_FIRMWARE_RUNTIME_DEPENDENCIES_H
#define DIXION_FIRMWARE_RUNTIME_DEPENDENCIES_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/lib/bump.h"
#include "firmware/runtime/commands.h"

/* Addresses [begin, end). A strided view's span includes its gaps. */
typedef struct span {
  uint64_t begin;
  uint64_t end;
} span_t;

typedef struct access {
  span_t span;
  uint32_t count; /* it is the unit's command number `count`, from 1 */
  uint8_t unit;
  bool write;
} access_t;

typedef struct dependencies {
  access_t* accesses; /* in no order */
  uint32_t count;
  uint32_t capacity;
  uint32_t most; /* largest count so far, over all lists */
} dependencies_t;

/* Room for `accesses` calls of dependencies_note() between two of dependencies_clear(). STATUS_NO_MEMORY. */
MUST_USE status_t dependencies_init(dependencies_t* dependencies, bump_t* memory, uint32_t accesses);

/* Forgets all accesses: a new list begins. */
void dependencies_clear(dependencies_t* dependencies);

/* Raises need[u] to the number of unit u's commands that must complete before `span` may be read, or written. */
void dependencies_need(const dependencies_t* dependencies, const span_t* span, bool write, uint32_t need[LIST_UNITS]);

/* Command number `count` (from 1) of `unit` reads, or writes, `span`, and waits for all that dependencies_need() said
 * of it. Commands of a unit are noted in their order. STATUS_NO_MEMORY. */
MUST_USE status_t dependencies_note(dependencies_t* dependencies, const span_t* span, bool write, uint32_t unit,
                                    uint32_t count);

#endif

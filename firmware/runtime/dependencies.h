/* SPDX-License-Identifier: Apache-2.0 */
/* Who touched which bytes of which tensor: finds what a command must wait for (read after write, write after read,
 * write after write). */
#ifndef DIXION_FIRMWARE_RUNTIME_DEPENDENCIES_H
#define DIXION_FIRMWARE_RUNTIME_DEPENDENCIES_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/lib/bump.h"
#include "firmware/runtime/commands.h"

/* Bytes [begin, end) of tensor `root` (one that is no view). */
typedef struct span {
  uint32_t root;
  uint64_t begin;
  uint64_t end;
} span_t;

typedef struct access {
  uint64_t begin;
  uint64_t end;
  uint32_t before; /* the access to the same root before this one, 1 + its index, or 0 */
  uint32_t count;  /* it is the unit's command number `count`, from 1 */
  uint8_t unit;
  bool write;
} access_t;

typedef struct dependencies {
  access_t* accesses;
  uint32_t count;
  uint32_t capacity;
  uint32_t* newest; /* [root]: 1 + index of the newest access, or 0 */
  uint32_t roots;
} dependencies_t;

/* Room for `accesses` accesses to `roots` tensors. STATUS_NO_MEMORY. */
MUST_USE status_t dependencies_init(dependencies_t* dependencies, bump_t* memory, uint32_t roots, uint32_t accesses);

/* Forgets all accesses: a new list begins. */
void dependencies_clear(dependencies_t* dependencies);

/* Raises need[u] to the number of unit u's commands that must complete before `span` may be read, or written. */
void dependencies_need(const dependencies_t* dependencies, const span_t* span, bool write, uint32_t need[LIST_UNITS]);

/* Command number `count` (from 1) of `unit` reads, or writes, `span`. STATUS_NO_MEMORY. */
MUST_USE status_t dependencies_note(dependencies_t* dependencies, const span_t* span, bool write, uint32_t unit,
                                    uint32_t count);

#endif

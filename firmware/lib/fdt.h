/* SPDX-License-Identifier: Apache-2.0 */
/* Reader of the flattened device tree (Devicetree Specification 0.4, chapter 5). Nothing is copied or changed. */
#ifndef DIXION_FIRMWARE_LIB_FDT_H
#define DIXION_FIRMWARE_LIB_FDT_H

#include <stdint.h>

#include "firmware/lib/status.h"

typedef struct fdt {
  const uint8_t* structure;
  const uint8_t* strings;
  uint32_t structure_size; /* bytes */
  uint32_t strings_size;
  uint32_t total_size;
} fdt_t;

typedef struct fdt_node {
  uint32_t offset;        /* of its properties in the structure block */
  uint32_t address_cells; /* of its parent: how its reg is read */
  uint32_t size_cells;
} fdt_node_t;

/* STATUS_BAD_TREE when `blob` is null or no device tree of version 16 or later. */
MUST_USE status_t fdt_init(fdt_t* fdt, const void* blob);

/* First node in file order whose "compatible" lists the string. STATUS_NOT_FOUND, STATUS_BAD_TREE. */
MUST_USE status_t fdt_find_compatible(const fdt_t* fdt, const char* compatible, fdt_node_t* node);

/* Child of the root with this name, up to the '@' if it has one: "chosen", "memory". */
MUST_USE status_t fdt_find_child(const fdt_t* fdt, const char* name, fdt_node_t* node);

/* Bytes of a property, big-endian as they stand. */
MUST_USE status_t fdt_property(const fdt_t* fdt, const fdt_node_t* node, const char* name, const uint8_t** value,
                               uint32_t* length);

/* Entry `index` of reg. */
MUST_USE status_t fdt_reg(const fdt_t* fdt, const fdt_node_t* node, uint32_t index, uint64_t* address, uint64_t* size);

/* Entry `index` of interrupts, for a parent with one cell per interrupt (the PLIC). */
MUST_USE status_t fdt_interrupt(const fdt_t* fdt, const fdt_node_t* node, uint32_t index, uint32_t* interrupt);

/* Big-endian number of 1 or 2 cells. */
uint64_t fdt_cells(const uint8_t* value, uint32_t cells);

#endif

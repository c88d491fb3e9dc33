/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/lib/machine.h"

#include <stdio.h>

#include "firmware/boot/trap.h"
#include "firmware/drivers/dixion_port.h"
#include "firmware/lib/fdt.h"

extern char __firmware_end[]; /* boot/link.ld */

static uint64_t machine_hart_id;
static const void* machine_tree_blob;
static fdt_t tree;
static status_t tree_status;

void machine_init(uint64_t hart, const void* device_tree) {
  machine_hart_id = hart;
  machine_tree_blob = device_tree;
  tree_status = fdt_init(&tree, device_tree);
  trap_enable_interrupts();
}

uint64_t machine_hart(void) { return machine_hart_id; }

static status_t open_accelerator(accel_t* accel) {
  if (tree_status != STATUS_OK) return tree_status;
  fdt_node_t node;
  uint64_t base, size;
  status_t status = fdt_find_compatible(&tree, "dixion,accelerator", &node);
  if (status == STATUS_OK) status = fdt_reg(&tree, &node, 0, &base, &size);
  if (status == STATUS_OK) status = accel_probe(accel, base);
  if (status != STATUS_OK) return status;
  uint32_t interrupt;
  for (uint32_t i = 0; fdt_interrupt(&tree, &node, i, &interrupt) == STATUS_OK; ++i) {
    status = trap_register(interrupt, accel_isr, accel);
    if (status != STATUS_OK) return status;
  }
  accel_reset(accel);
  return STATUS_OK;
}

status_t machine_open_accelerator(accel_t* accel) {
  const status_t status = open_accelerator(accel);
  if (status == STATUS_NOT_FOUND) {
    printf("accelerator: the device tree has no node compatible with \"dixion,accelerator\"\n");
  } else if (status == STATUS_WRONG_VERSION) {
    printf(
        "accelerator: it speaks another programming model than this firmware (ABI hash 0x%08x): build both from the "
        "same sources\n",
        (unsigned)DIXION_ABI_HASH);
  } else if (status != STATUS_OK) {
    printf("accelerator: %s\n", status_name(status));
  }
  return status;
}

status_t machine_find_image(void** image, uint64_t* size) {
  if (tree_status != STATUS_OK) return tree_status;
  fdt_node_t chosen;
  const uint8_t* value;
  uint32_t length;
  status_t status = fdt_find_child(&tree, "chosen", &chosen);
  if (status == STATUS_OK) status = fdt_property(&tree, &chosen, "dixion,image", &value, &length);
  if (status != STATUS_OK) return status;
  if (length != 16) return STATUS_BAD_TREE;
  *image = (void*)fdt_cells(value, 2);
  *size = fdt_cells(value + 8, 2);
  return STATUS_OK;
}

status_t machine_free_memory(void* begin, bump_t* memory) {
  if (tree_status != STATUS_OK) return tree_status;
  fdt_node_t node;
  uint64_t base, size;
  status_t status = fdt_find_child(&tree, "memory", &node);
  if (status == STATUS_OK) status = fdt_reg(&tree, &node, 0, &base, &size);
  if (status != STATUS_OK) return status;
  uint64_t start = (uint64_t)begin;
  if (start < (uint64_t)__firmware_end) start = (uint64_t)__firmware_end;
  uint64_t end = base + size;
  const uint64_t blob = (uint64_t)machine_tree_blob; /* in DRAM on some machines, in ROM on others */
  if (blob >= start && blob < end) end = blob;
  if (start < base || start > end) return STATUS_NO_MEMORY;
  bump_init(memory, (void*)start, (void*)end);
  return STATUS_OK;
}

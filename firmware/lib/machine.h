/* SPDX-License-Identifier: Apache-2.0 */
/* What the device tree says about this machine. Valid from main() on. */
#ifndef DIXION_FIRMWARE_LIB_MACHINE_H
#define DIXION_FIRMWARE_LIB_MACHINE_H

#include <stdint.h>

#include "firmware/drivers/accel.h"
#include "firmware/lib/bump.h"
#include "firmware/lib/status.h"

/* Called once, before main(). */
void machine_init(uint64_t hart, const void* device_tree);

uint64_t machine_hart(void);

/* Finds the accelerator, checks that it is one, takes its interrupts and resets it. STATUS_NOT_FOUND: the device tree
 * has no node compatible with "dixion,accelerator". Says on the console what is wrong. */
MUST_USE status_t machine_open_accelerator(accel_t* accel);

/* The packed workload that /chosen "dixion,image" points to. STATUS_NOT_FOUND: there is none. */
MUST_USE status_t machine_find_image(void** image, uint64_t* size);

/* Free DRAM from `begin` on, or from the firmware's end if that lies behind; ends where DRAM or the device tree does.
 */
MUST_USE status_t machine_free_memory(void* begin, bump_t* memory);

#endif

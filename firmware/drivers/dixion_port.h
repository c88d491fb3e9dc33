/* SPDX-License-Identifier: Apache-2.0 */
/* All that the drivers need of the machine they run on. Six functions: port_riscv.c has them for bare metal; tests and
 * other systems bring their own. */
#ifndef DIXION_FIRMWARE_DRIVERS_DIXION_PORT_H
#define DIXION_FIRMWARE_DRIVERS_DIXION_PORT_H

#include <stdbool.h>
#include <stdint.h>

/* Device registers, in program order. */
uint32_t mmio_read32(uint64_t address);
void mmio_write32(uint64_t address, uint32_t value);

/* Memory written before is seen by a device that is told about it after. */
void fence_memory_to_device(void);

/* Memory a device wrote before it told us is read after. */
void fence_device_to_memory(void);

/* Sleeps until done(context) holds. It is asked before every sleep with interrupts held back, so that none is lost
 * between the look and the sleep; handlers run in between. */
void wait_for_interrupt(bool (*done)(const void* context), const void* context);

/* Where the device finds what `pointer` points to. */
uint64_t physical_address(const volatile void* pointer);

#endif

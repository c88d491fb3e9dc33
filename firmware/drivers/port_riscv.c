/* SPDX-License-Identifier: Apache-2.0 */
/* The port for bare metal: physical addresses, one hart in machine mode, devices that see memory coherently. */
#include "firmware/drivers/dixion_port.h"
#include "firmware/lib/csr.h"

uint32_t mmio_read32(uint64_t address) { return *(const volatile uint32_t*)address; }

void mmio_write32(uint64_t address, uint32_t value) { *(volatile uint32_t*)address = value; }

void fence_memory_to_device(void) { __asm__ volatile("fence w, o" ::: "memory"); }

void fence_device_to_memory(void) { __asm__ volatile("fence i, r" ::: "memory"); }

void wait_for_interrupt(bool (*done)(const void* context), const void* context) {
  CSR_CLEAR(mstatus, MSTATUS_MIE);
  while (!done(context)) {
    csr_wfi(); /* a pending interrupt ends it although MIE is clear */
    CSR_SET(mstatus, MSTATUS_MIE);
    CSR_CLEAR(mstatus, MSTATUS_MIE); /* the handler has run between these two */
  }
  CSR_SET(mstatus, MSTATUS_MIE);
}

uint64_t physical_address(const volatile void* pointer) { return (uint64_t)pointer; }

/* SPDX-License-Identifier: Apache-2.0 */
/* The accelerator by its bare registers, for programs that use it wrongly on purpose. */
#ifndef DIXION_TESTS_SYSTEM_FIRMWARE_DEVICE_H
#define DIXION_TESTS_SYSTEM_FIRMWARE_DEVICE_H

#include <stdint.h>

#include "models/abi/generated/accelerator_registers.h"
#include "models/abi/generated/commands.h"
#include "models/abi/generated/memory_map.h"
#include "models/abi/generated/queue_registers.h"

#define SLOTS 8u

static inline void write32(uint64_t address, uint32_t value) { *(volatile uint32_t*)address = value; }
static inline uint32_t read32(uint64_t address) { return *(volatile uint32_t*)address; }

static inline void write_global(uint32_t offset, uint32_t value) {
  write32(DIXION_MAP_ACCELERATOR_BASE + offset, value);
}
static inline void write_queue(uint32_t offset, uint32_t value) {
  write32(DIXION_MAP_ACCELERATOR_BASE + DIXION_QUEUE_PAGE_SIZE + offset, value);
}

_Noreturn static inline void sleep_forever(void) {
  __asm__ volatile("csrs mie, %0" ::"r"(1ul << 11));
  for (;;) __asm__ volatile("wfi" ::: "memory");
}

static dixion_command_t ring[SLOTS] __attribute__((aligned(64)));
static dixion_completion_t records[SLOTS] __attribute__((aligned(64)));

/* Queue 0 with the ring above, ready to fetch. */
static inline void open_queue(void) {
  write_global(DIXION_ACCELERATOR_CONTROL, DIXION_ACCELERATOR_CONTROL_ENABLE_MASK);
  write_queue(DIXION_QUEUE_RING_BASE_LO, (uint32_t)(uint64_t)ring);
  write_queue(DIXION_QUEUE_RING_BASE_HI, 0);
  write_queue(DIXION_QUEUE_RING_SIZE, SLOTS);
  write_queue(DIXION_QUEUE_COMPLETION_BASE_LO, (uint32_t)(uint64_t)records);
  write_queue(DIXION_QUEUE_COMPLETION_BASE_HI, 0);
  write_queue(DIXION_QUEUE_COMPLETION_SIZE, SLOTS);
  write_queue(DIXION_QUEUE_CONTROL, DIXION_QUEUE_CONTROL_ENABLE_MASK);
}

/* `count` commands of the ring are ready. */
static inline void ring_doorbell(uint32_t count) {
  __asm__ volatile("fence w, o" ::: "memory");
  write_queue(DIXION_QUEUE_DOORBELL, count);
}

#endif

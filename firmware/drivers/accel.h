/* SPDX-License-Identifier: Apache-2.0 */
/* The accelerator as a device: identity, reset, descriptor table, interrupts. Queues: accel_queue.h.
 * Registers: docs/registers/accelerator.md. Order of use: probe, reset, set_descriptors, enable. */
#ifndef DIXION_FIRMWARE_DRIVERS_ACCEL_H
#define DIXION_FIRMWARE_DRIVERS_ACCEL_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/lib/status.h"
#include "models/abi/generated/commands.h"

typedef struct accel_capabilities {
  uint32_t cores;
  uint32_t array_rows; /* of dot-product units in a core */
  uint32_t array_columns;
  uint32_t queues;
  uint32_t dma_channels;
  uint32_t semaphores;
  uint32_t formats;             /* bit f: tensor format f */
  uint64_t core_sram_bytes;     /* of one core */
  uint64_t global_buffer_bytes; /* at DIXION_GLOBAL_BUFFER_BASE */
  uint32_t clock_hz;            /* accel_cycles per second */
} accel_capabilities_t;

typedef struct accel {
  uint64_t base;
  accel_capabilities_t capabilities;
  volatile uint32_t halted; /* bit q: an error stopped queue q and nobody has resumed it; set by accel_isr */
  volatile bool reset_done; /* set by accel_isr */
} accel_t;

/* Fills the handle for the device at `base`. STATUS_NO_DEVICE: ID is another's. STATUS_WRONG_VERSION: major ABI version
 * or build hash differ from this driver's headers. */
MUST_USE status_t accel_probe(accel_t* accel, uint64_t base);

/* Device reset; sleeps until it is done. All queues are then disabled, semaphores 0, interrupts masked but reset's.
 * Before: accel_isr is registered. */
void accel_reset(accel_t* accel);

/* The table of tensor descriptors that commands index; `count` at most 65536, entry 0 unused. STATUS_BAD_ARGUMENT if it
 * is not on a multiple of 64 bytes or too long. Call again after the table was changed: cached copies are dropped. */
MUST_USE status_t accel_set_descriptors(accel_t* accel, const dixion_descriptor_t* table, uint32_t count);

/* Queues may fetch, all interrupts are on. */
void accel_enable(accel_t* accel);
void accel_disable(accel_t* accel);

/* Interrupt handler for any of the accelerator's lines: notes causes and clears them. `context` is the accel_t. */
void accel_isr(void* context, uint32_t source);

/* Present value of a semaphore, 1 to capabilities.semaphores - 1. */
uint32_t accel_semaphore(const accel_t* accel, uint32_t number);

/* `value` appears in the trace. */
void accel_mark_trace(const accel_t* accel, uint32_t value);

#endif

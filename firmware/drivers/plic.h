/* SPDX-License-Identifier: Apache-2.0 */
/* Platform-level interrupt controller (RISC-V PLIC specification 1.0). */
#ifndef DIXION_FIRMWARE_DRIVERS_PLIC_H
#define DIXION_FIRMWARE_DRIVERS_PLIC_H

#include <stdint.h>

#include "firmware/lib/status.h"

#define PLIC_SOURCES 95u

typedef struct plic {
  uint64_t base;
  uint32_t context; /* hart 0 in machine mode is 0 */
} plic_t;

/* Lets `source` (1 to 95) interrupt this context with `priority` (1 to 7). STATUS_BAD_ARGUMENT outside these. */
MUST_USE status_t plic_enable(const plic_t* plic, uint32_t source, uint32_t priority);

/* Only priorities above the threshold interrupt. */
void plic_set_threshold(const plic_t* plic, uint32_t threshold);

/* The pending source of highest priority, now in service; 0 if there is none. */
uint32_t plic_claim(const plic_t* plic);

/* The source may interrupt again. */
void plic_complete(const plic_t* plic, uint32_t source);

#endif

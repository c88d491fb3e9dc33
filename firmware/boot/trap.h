/* SPDX-License-Identifier: Apache-2.0 */
/* Traps in machine mode: interrupts go to registered handlers, an exception ends the run. */
#ifndef DIXION_FIRMWARE_BOOT_TRAP_H
#define DIXION_FIRMWARE_BOOT_TRAP_H

#include <stdint.h>

#include "firmware/lib/status.h"

typedef void (*trap_handler_t)(void* context, uint32_t source);

/* PLIC source 1 to 95: `handler` runs with the source claimed; it must make the device lower its line. Replaces an
 * earlier handler. STATUS_BAD_ARGUMENT for another source. */
MUST_USE status_t trap_register(uint32_t source, trap_handler_t handler, void* context);

/* The timer interrupt; the handler must move mtimecmp. `source` is 0. */
void trap_register_timer(trap_handler_t handler, void* context);

/* From here on interrupts are taken. */
void trap_enable_interrupts(void);

/* Called by trap_entry (crt0.S). */
void trap_handle(uint64_t cause, uint64_t pc, uint64_t value);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/boot/trap.h"

#include <stddef.h>
#include <stdio.h>

#include "firmware/drivers/finisher.h"
#include "firmware/drivers/plic.h"
#include "firmware/lib/csr.h"
#include "models/abi/generated/memory_map.h"

static const plic_t plic = {.base = DIXION_MAP_PLIC_BASE, .context = 0};

static struct {
  trap_handler_t handler;
  void* context;
} handlers[PLIC_SOURCES + 1]; /* 0: the timer */

status_t trap_register(uint32_t source, trap_handler_t handler, void* context) {
  if (source == 0 || source > PLIC_SOURCES) return STATUS_BAD_ARGUMENT;
  handlers[source].handler = handler;
  handlers[source].context = context;
  return plic_enable(&plic, source, 1);
}

void trap_register_timer(trap_handler_t handler, void* context) {
  handlers[0].handler = handler;
  handlers[0].context = context;
  CSR_SET(mie, MIE_TIMER);
}

void trap_enable_interrupts(void) {
  plic_set_threshold(&plic, 0);
  CSR_SET(mie, MIE_EXTERNAL);
  CSR_SET(mstatus, MSTATUS_MIE);
}

static const char* exception_name(uint64_t cause) {
  static const char* const names[] = {"instruction address misaligned",
                                      "instruction access fault",
                                      "illegal instruction",
                                      "breakpoint",
                                      "load address misaligned",
                                      "load access fault",
                                      "store address misaligned",
                                      "store access fault",
                                      "environment call from U-mode",
                                      "environment call from S-mode",
                                      "reserved cause",
                                      "environment call from M-mode"};
  return cause < sizeof names / sizeof names[0] ? names[cause] : "unknown exception";
}

static void serve_external(void) {
  uint32_t source = 0;
  while ((source = plic_claim(&plic)) != 0) {
    if (source > PLIC_SOURCES || handlers[source].handler == NULL) {
      printf("trap: interrupt %u has no handler\n", (unsigned)source);
      finisher_fail(FINISHER_CODE_INTERRUPT);
    }
    handlers[source].handler(handlers[source].context, source);
    plic_complete(&plic, source);
  }
}

void trap_handle(uint64_t cause, uint64_t pc, uint64_t value) {
  if (cause == CAUSE_EXTERNAL) {
    serve_external();
    return;
  }
  if (cause == CAUSE_TIMER && handlers[0].handler != NULL) {
    handlers[0].handler(handlers[0].context, 0);
    return;
  }
  if ((cause & CAUSE_INTERRUPT) != 0) {
    printf("trap: local interrupt %u has no handler\n", (unsigned)(cause & 0xffu));
    finisher_fail(FINISHER_CODE_INTERRUPT);
  }
  printf("trap: %s (mcause %u), mepc 0x%lx, mtval 0x%lx\n", exception_name(cause), (unsigned)cause, (unsigned long)pc,
         (unsigned long)value);
  finisher_fail(FINISHER_CODE_EXCEPTION + (uint32_t)(cause & 0x1fu));
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Control and status registers of a RISC-V hart in machine mode. */
#ifndef DIXION_FIRMWARE_LIB_CSR_H
#define DIXION_FIRMWARE_LIB_CSR_H

#include <stdint.h>

#define MSTATUS_MIE (1ul << 3)
#define MIE_TIMER (1ul << 7)
#define MIE_EXTERNAL (1ul << 11)
#define CAUSE_INTERRUPT (1ul << 63)
#define CAUSE_TIMER (CAUSE_INTERRUPT | 7ul)
#define CAUSE_EXTERNAL (CAUSE_INTERRUPT | 11ul)

#define CSR_SET(csr, bits) __asm__ volatile("csrs " #csr ", %0" ::"r"((uint64_t)(bits)) : "memory")
#define CSR_CLEAR(csr, bits) __asm__ volatile("csrc " #csr ", %0" ::"r"((uint64_t)(bits)) : "memory")

/* Returns when an enabled interrupt is pending, whether or not mstatus.MIE lets it be taken. */
static inline void csr_wfi(void) { __asm__ volatile("wfi" ::: "memory"); }

/* Instructions retired. */
static inline uint64_t csr_instret(void) {
  uint64_t count;
  __asm__ volatile("csrr %0, minstret" : "=r"(count));
  return count;
}

#endif

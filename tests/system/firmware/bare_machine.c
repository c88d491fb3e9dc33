/* SPDX-License-Identifier: Apache-2.0 */
/* What the instruction set and QEMU's machine `virt` promise, without the accelerator: integer arithmetic with its
   corner cases, atomics, CSRs, traps, a timer interrupt. Prints what it sees; ends with code 42. */
#include <stdint.h>

#include "models/abi/generated/clint_registers.h"
#include "models/abi/generated/memory_map.h"

#define READ_CSR(name)                              \
  __extension__({                                   \
    uint64_t v_;                                    \
    __asm__ volatile("csrr %0, " #name : "=r"(v_)); \
    v_;                                             \
  })
#define WRITE_CSR(name, value) __asm__ volatile("csrw " #name ", %0" ::"r"((uint64_t)(value)) : "memory")

#define MSTATUS_MIE 8ul
#define MIE_SOFTWARE (1ul << 3)
#define MIE_TIMER (1ul << 7)
#define CAUSE_INTERRUPT (1ul << 63)
#define UNMAPPED 0x50000ul /* between the boot ROM and the finisher */

static volatile uint64_t trap_cause, trap_value, trap_status, traps;

static void put(char c) {
  volatile uint8_t* const uart = (volatile uint8_t*)DIXION_MAP_UART_BASE;
  while ((uart[5] & 0x20) == 0) { /* line status: transmitter empty */
  }
  uart[0] = (uint8_t)c;
}

static void print(const char* text, uint64_t value) {
  while (*text != 0) put(*text++);
  put(' ');
  for (int shift = 60; shift >= 0; shift -= 4) put("0123456789abcdef"[value >> shift & 15]);
  put('\n');
}

static uint64_t clint(uint64_t offset) { return *(volatile uint64_t*)(DIXION_MAP_CLINT_BASE + offset); }
static void set_clint(uint64_t offset, uint64_t value) {
  *(volatile uint64_t*)(DIXION_MAP_CLINT_BASE + offset) = value;
}
static void set_software_interrupt(uint32_t value) {
  *(volatile uint32_t*)(uint64_t)(DIXION_MAP_CLINT_BASE + DIXION_CLINT_MSIP(0)) = value;
}

__attribute__((interrupt("machine"), aligned(4))) static void handler(void) {
  trap_cause = READ_CSR(mcause);
  trap_value = READ_CSR(mtval);
  trap_status = READ_CSR(mstatus) & (MSTATUS_MIE | 1ul << 7 | 3ul << 11); /* MIE, MPIE, MPP */
  ++traps;
  if ((trap_cause & CAUSE_INTERRUPT) == 0) {
    WRITE_CSR(mepc, READ_CSR(mepc) + 4); /* no C extension: every instruction has 4 bytes */
  } else if (trap_cause == (CAUSE_INTERRUPT | 7)) {
    set_clint(DIXION_CLINT_MTIMECMP_LO(0), ~0ul);
  } else {
    set_software_interrupt(0);
  }
}

/* All operations of two registers on all pairs of corner values and on a run of random ones, folded into one number. */
#define FOLD(instruction)                                                     \
  __extension__({                                                             \
    uint64_t r_;                                                              \
    __asm__ volatile(#instruction " %0, %1, %2" : "=r"(r_) : "r"(a), "r"(b)); \
    fold = (fold ^ r_) * 0x100000001b3ul + (fold >> 29);                      \
  })

static uint64_t fold_pair(uint64_t fold, uint64_t a, uint64_t b) {
  FOLD(add), FOLD(sub), FOLD(sll), FOLD(srl), FOLD(sra), FOLD(slt), FOLD(sltu), FOLD(and), FOLD(or), FOLD(xor);
  FOLD(addw), FOLD(subw), FOLD(sllw), FOLD(srlw), FOLD(sraw);
  FOLD(mul), FOLD(mulh), FOLD(mulhu), FOLD(mulhsu), FOLD(mulw);
  FOLD(div), FOLD(divu), FOLD(rem), FOLD(remu), FOLD(divw), FOLD(divuw), FOLD(remw), FOLD(remuw);
  return fold;
}

static void arithmetic(void) {
  static const uint64_t corners[] = {
      0, 1, 2, ~0ul, 1ul << 63, ~0ul >> 1, 1ul << 31, 0xfffffffful, 0xffffffff80000000ul};
  const unsigned count = sizeof corners / sizeof corners[0];
  uint64_t fold = 0xcbf29ce484222325ul;
  for (unsigned i = 0; i < count * count; ++i) fold = fold_pair(fold, corners[i / count], corners[i % count]);
  print("corners", fold);
  uint64_t a = 1;
  for (unsigned i = 0; i < 20000; ++i) {
    const uint64_t b = a * 6364136223846793005ul + 1442695040888963407ul;
    fold = fold_pair(fold, a, b >> (i & 63));
    a = b;
  }
  print("random", fold);
}

#define ATOMIC(instruction)                                                                            \
  __extension__({                                                                                      \
    uint64_t old_;                                                                                     \
    cell = 0x80000000fffffff0ul;                                                                       \
    __asm__ volatile(#instruction " %0, %2, (%1)" : "=r"(old_) : "r"(&cell), "r"(operand) : "memory"); \
    print(#instruction, old_);                                                                         \
    print("  leaves", cell);                                                                           \
  })

static void atomics(void) {
  static volatile uint64_t cell = 0x80000000fffffff0ul;
  const uint64_t operand = 0x7fffffff00000031ul;
  ATOMIC(amoadd.d), ATOMIC(amoxor.w), ATOMIC(amomax.d), ATOMIC(amominu.w), ATOMIC(amoor.d), ATOMIC(amomin.w);
  ATOMIC(amoand.w), ATOMIC(amomaxu.d), ATOMIC(amoswap.w), ATOMIC(amoswap.d);
  uint64_t old, kept, lost;
  __asm__ volatile("lr.d %0, (%3)\n sc.d %1, %4, (%3)\n sc.d %2, zero, (%3)"
                   : "=&r"(old), "=&r"(kept), "=&r"(lost)
                   : "r"(&cell), "r"(77ul)
                   : "memory");
  print("lr", old);
  print("sc", kept);
  print("sc again", lost != 0);
  print("  leaves", cell);
}

static void registers(void) {
  print("mhartid", READ_CSR(mhartid));
  print("misa ima", READ_CSR(misa) & (3ul << 62 | 1ul << 0 | 1ul << 8 | 1ul << 12));
  WRITE_CSR(mscratch, 0x0123456789abcdeful);
  uint64_t old;
  __asm__ volatile("csrrs %0, mscratch, %1" : "=r"(old) : "r"(0xf000000000000000ul));
  print("mscratch", old);
  __asm__ volatile("csrrci %0, mscratch, 15" : "=r"(old));
  print("mscratch set", old);
  print("mscratch cleared", READ_CSR(mscratch));
  const uint64_t before = READ_CSR(minstret);
  print("minstret runs", READ_CSR(minstret) > before);
}

static void saw(const char* what) {
  print(what, trap_cause);
  print("  mstatus", trap_status);
  trap_cause = 0;
}

static void exceptions(void) {
  __asm__ volatile("ecall" ::: "memory");
  saw("ecall");
  __asm__ volatile("ebreak" ::: "memory");
  saw("ebreak");
  __asm__ volatile(".word 0xffffffff" ::: "memory");
  saw("illegal");
  __asm__ volatile("csrw mhartid, zero" ::: "memory");
  saw("read-only csr");
  __asm__ volatile("csrr zero, 0x7c0" ::: "memory");
  saw("no such csr");
  uint64_t ignored;
  __asm__ volatile("ld %0, 0(%1)" : "=r"(ignored) : "r"(UNMAPPED) : "memory");
  saw("load");
  print("  mtval", trap_value);
  __asm__ volatile("sw zero, 4(%0)" ::"r"(UNMAPPED) : "memory");
  saw("store");
  print("  mtval", trap_value);
  print("traps", traps);
}

static void interrupts(void) {
  set_clint(DIXION_CLINT_MTIMECMP_LO(0), ~0ul);
  WRITE_CSR(mie, MIE_TIMER | MIE_SOFTWARE);
  set_software_interrupt(1);
  print("pending", READ_CSR(mip) & (MIE_TIMER | MIE_SOFTWARE));
  __asm__ volatile("csrsi mstatus, 8" ::: "memory");
  saw("software");
  __asm__ volatile("csrci mstatus, 8" ::: "memory");
  const uint64_t due = clint(DIXION_CLINT_MTIME_LO) + 2000;
  set_clint(DIXION_CLINT_MTIMECMP_LO(0), due);
  while ((READ_CSR(mip) & MIE_TIMER) == 0) __asm__ volatile("wfi" ::: "memory");
  print("not early", clint(DIXION_CLINT_MTIME_LO) >= due);
  print("masked", trap_cause);
  __asm__ volatile("csrsi mstatus, 8" ::: "memory");
  saw("timer");
  __asm__ volatile("csrci mstatus, 8" ::: "memory");
  print("traps", traps);
}

int main(void) {
  WRITE_CSR(mtvec, (uint64_t)handler);
  arithmetic();
  atomics();
  registers();
  exceptions();
  interrupts();
  return 42;
}

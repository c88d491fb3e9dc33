/* SPDX-License-Identifier: Apache-2.0 */
/* Smallest start: hart 0 calls main with a stack, its return value goes to the finisher. Traps skip the instruction. */
#include "models/abi/generated/memory_map.h"

  .section .text.start, "ax"
  .globl _start
_start:
  csrr t0, mhartid
  bnez t0, park
  la sp, stack_top
  la t0, skip
  csrw mtvec, t0
  call main
  li t0, DIXION_MAP_FINISHER_BASE
  li t1, 0x5555
  beqz a0, finish
  slli a0, a0, 16
  li t1, 0x3333
  or t1, t1, a0
finish:
  sw t1, 0(t0)
park:
  wfi
  j park

  .balign 4
skip:                   /* every instruction has 4 bytes: built without the C extension */
  csrr t0, mepc
  addi t0, t0, 4
  csrw mepc, t0
  mret

  .bss
  .balign 16
  .space 4096
stack_top:

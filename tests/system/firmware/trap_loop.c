/* SPDX-License-Identifier: Apache-2.0 */
/* The trap vector points to where no code is: every trap traps. */
int main(void) {
  __asm__ volatile("csrw mtvec, zero\n\tecall");
  return 0;
}

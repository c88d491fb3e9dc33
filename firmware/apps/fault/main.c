/* SPDX-License-Identifier: Apache-2.0 */
/* Loads from where nothing is: shows what the trap handler prints and how the run ends. */
#include <stdint.h>

#define NOWHERE 0x00001000000000ull

int main(void) { return (int)*(volatile uint32_t*)NOWHERE; }

/* SPDX-License-Identifier: Apache-2.0 */
/* Ends the simulation with a verdict (QEMU's sifive,test0). */
#ifndef DIXION_FIRMWARE_DRIVERS_FINISHER_H
#define DIXION_FIRMWARE_DRIVERS_FINISHER_H

#include <stdint.h>

/* Codes below 48 are those main() returns (status.h). */
#define FINISHER_CODE_INTERRUPT 63u /* nobody handles it */
#define FINISHER_CODE_EXCEPTION 64u /* plus mcause */

_Noreturn void finisher_pass(void);

/* `code` 1 to 65535. */
_Noreturn void finisher_fail(uint32_t code);

#endif

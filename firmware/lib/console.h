/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DIXION_FIRMWARE_LIB_CONSOLE_H
#define DIXION_FIRMWARE_LIB_CONSOLE_H

/* printf() and its family write to the UART from here on. */
void console_init(void);

#endif

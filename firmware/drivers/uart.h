/* SPDX-License-Identifier: Apache-2.0 */
/* UART 16550, transmitter only, by polling. Registers are single bytes: this driver does not go through the port. */
#ifndef DIXION_FIRMWARE_DRIVERS_UART_H
#define DIXION_FIRMWARE_DRIVERS_UART_H

#include <stdint.h>

typedef struct uart {
  uintptr_t base;
} uart_t;

/* 8 data bits, no parity, FIFO on, no interrupts. The speed stays as it is. */
void uart_init(const uart_t* uart);

/* Waits for room, then sends. */
void uart_put(const uart_t* uart, uint8_t byte);

#endif

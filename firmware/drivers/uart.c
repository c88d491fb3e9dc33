/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/drivers/uart.h"

#define UART_THR 0u /* transmit holding register */
#define UART_IER 1u
#define UART_FCR 2u
#define UART_LCR 3u
#define UART_LSR 5u

#define UART_FCR_ENABLE 0x01u
#define UART_LCR_8N1 0x03u
#define UART_LSR_THR_EMPTY 0x20u

static volatile uint8_t* reg(const uart_t* uart, uint32_t offset) { return (volatile uint8_t*)(uart->base + offset); }

void uart_init(const uart_t* uart) {
  *reg(uart, UART_IER) = 0;
  *reg(uart, UART_LCR) = UART_LCR_8N1;
  *reg(uart, UART_FCR) = UART_FCR_ENABLE;
}

void uart_put(const uart_t* uart, uint8_t byte) {
  while ((*reg(uart, UART_LSR) & UART_LSR_THR_EMPTY) == 0) {
  }
  *reg(uart, UART_THR) = byte;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/lib/console.h"

#include <stdio.h>

#include "firmware/drivers/uart.h"
#include "models/abi/generated/memory_map.h"

static const uart_t uart = {.base = DIXION_MAP_UART_BASE};

static int put(char byte, FILE* file) {
  (void)file;
  uart_put(&uart, (uint8_t)byte);
  return (unsigned char)byte;
}

static FILE console = FDEV_SETUP_STREAM(put, NULL, NULL, _FDEV_SETUP_WRITE);
FILE* const stdin = &console;
FILE* const stdout = &console;
FILE* const stderr = &console;

void console_init(void) { uart_init(&uart); }

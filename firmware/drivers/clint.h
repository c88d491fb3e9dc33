/* SPDX-License-Identifier: Apache-2.0 */
/* Core-local interruptor: machine time and its comparison. */
#ifndef DIXION_FIRMWARE_DRIVERS_CLINT_H
#define DIXION_FIRMWARE_DRIVERS_CLINT_H

#include <stdint.h>

#define CLINT_NEVER UINT64_MAX

typedef struct clint {
  uint64_t base;
} clint_t;

/* mtime in ticks of the device tree's timebase-frequency. */
uint64_t clint_time(const clint_t* clint);

/* The timer interrupt of `hart` is pending from mtime >= `time` on; CLINT_NEVER takes it back. */
void clint_set_timer(const clint_t* clint, uint32_t hart, uint64_t time);

#endif

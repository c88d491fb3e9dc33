/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/drivers/clint.h"

#include "firmware/drivers/dixion_port.h"

#define CLINT_MTIMECMP(hart) (0x4000u + 0x8u * (hart))
#define CLINT_MTIME 0xbff8u

uint64_t clint_time(const clint_t* clint) {
  uint32_t high = mmio_read32(clint->base + CLINT_MTIME + 4);
  for (;;) {
    const uint32_t low = mmio_read32(clint->base + CLINT_MTIME);
    const uint32_t again = mmio_read32(clint->base + CLINT_MTIME + 4);
    if (high == again) return (uint64_t)high << 32 | low;
    high = again; /* the low half wrapped in between */
  }
}

void clint_set_timer(const clint_t* clint, uint32_t hart, uint64_t time) {
  const uint64_t compare = clint->base + CLINT_MTIMECMP(hart);
  mmio_write32(compare + 4, UINT32_MAX); /* no moment at which the pair reads as an earlier time */
  mmio_write32(compare, (uint32_t)time);
  mmio_write32(compare + 4, (uint32_t)(time >> 32));
}

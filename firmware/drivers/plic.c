/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/drivers/plic.h"

#include "firmware/drivers/dixion_port.h"

#define PLIC_PRIORITY(source) (0x4u * (source))
#define PLIC_ENABLE(context, source) (0x2000u + 0x80u * (context) + 0x4u * ((source) / 32u))
#define PLIC_THRESHOLD(context) (0x200000u + 0x1000u * (context))
#define PLIC_CLAIM(context) (0x200004u + 0x1000u * (context))

status_t plic_enable(const plic_t* plic, uint32_t source, uint32_t priority) {
  if (source == 0 || source > PLIC_SOURCES || priority == 0 || priority > 7) return STATUS_BAD_ARGUMENT;
  mmio_write32(plic->base + PLIC_PRIORITY(source), priority);
  const uint64_t enable = plic->base + PLIC_ENABLE(plic->context, source);
  mmio_write32(enable, mmio_read32(enable) | 1u << source % 32u);
  return STATUS_OK;
}

void plic_set_threshold(const plic_t* plic, uint32_t threshold) {
  mmio_write32(plic->base + PLIC_THRESHOLD(plic->context), threshold);
}

uint32_t plic_claim(const plic_t* plic) { return mmio_read32(plic->base + PLIC_CLAIM(plic->context)); }

void plic_complete(const plic_t* plic, uint32_t source) {
  mmio_write32(plic->base + PLIC_CLAIM(plic->context), source);
}

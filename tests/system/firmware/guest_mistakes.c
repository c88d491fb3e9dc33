/* SPDX-License-Identifier: Apache-2.0 */
/* One mistake of each kind; the platform reports every one and goes on. */
#include "tests/system/firmware/device.h"

static dixion_descriptor_t descriptors[2] __attribute__((aligned(64)));

static void reset_queue(void) { write_queue(DIXION_QUEUE_CONTROL, DIXION_QUEUE_CONTROL_RESET_MASK); }

/* Submits ring[0] to a fresh queue and waits until it has failed. */
static void submit_and_fail(void) {
  ring_doorbell(1);
  while (read32(DIXION_MAP_ACCELERATOR_BASE + DIXION_QUEUE_PAGE_SIZE + DIXION_QUEUE_ERROR_CAUSE) == 0) {
  }
  reset_queue();
}

int main(void) {
  read32(0x50000000u);                                         /* unmapped */
  *(volatile uint16_t*)(DIXION_MAP_ACCELERATOR_BASE + 2u) = 1; /* misaligned and narrow register access */
  write_queue(DIXION_QUEUE_DOORBELL, 1);                       /* doorbell while disabled */
  reset_queue();
  write_queue(DIXION_QUEUE_RING_SIZE, 12); /* no power of two, found when the queue is enabled */
  write_queue(DIXION_QUEUE_CONTROL, DIXION_QUEUE_CONTROL_ENABLE_MASK);
  reset_queue();

  open_queue();
  ring[0].opcode = 0x7f; /* illegal opcode */
  submit_and_fail();

  open_queue();
  write_global(DIXION_ACCELERATOR_DESCRIPTOR_BASE_LO, (uint32_t)(uint64_t)descriptors);
  write_global(DIXION_ACCELERATOR_DESCRIPTOR_BASE_HI, 0);
  write_global(DIXION_ACCELERATOR_DESCRIPTOR_COUNT, 2);
  ring[0].opcode = DIXION_OPCODE_DMA_FILL;
  ring[0].operands[0] = 1; /* bad descriptor: rank 0 */
  submit_and_fail();

  open_queue();
  descriptors[1].address = 0x1000000000ull; /* outside memory */
  descriptors[1].extent[0] = 16;
  descriptors[1].stride[0] = 4;
  descriptors[1].format = DIXION_FORMAT_INT32;
  descriptors[1].rank = 1;
  write_global(DIXION_ACCELERATOR_DESCRIPTOR_COUNT, 2); /* drops the cached copy */
  submit_and_fail();
  return 0;
}

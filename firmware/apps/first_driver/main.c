/* SPDX-License-Identifier: Apache-2.0 */
/* The program of docs/first_driver.md: a driver from nothing, in one file. Fills a tensor by DMA and checks it. */
#include <stdbool.h>
#include <stdio.h>

#include "firmware/boot/trap.h"
#include "firmware/drivers/dixion_port.h"
#include "models/abi/generated/accelerator_registers.h"
#include "models/abi/generated/commands.h"
#include "models/abi/generated/memory_map.h"
#include "models/abi/generated/queue_registers.h"

enum { SLOTS = 8, ROWS = 6, COLUMNS = 10, VALUE = 1234 };
enum { QUEUE0 = DIXION_MAP_ACCELERATOR_BASE + DIXION_QUEUE_PAGE_SIZE };

static dixion_command_t ring[SLOTS] __attribute__((aligned(64)));
static dixion_completion_t records[SLOTS] __attribute__((aligned(64)));
static dixion_descriptor_t descriptors[2] __attribute__((aligned(64)));
static int32_t tensor[ROWS][COLUMNS];

static uint32_t read_global(uint32_t offset) { return mmio_read32(DIXION_MAP_ACCELERATOR_BASE + offset); }
static void write_global(uint32_t offset, uint32_t value) { mmio_write32(DIXION_MAP_ACCELERATOR_BASE + offset, value); }
static void write_queue(uint32_t offset, uint32_t value) { mmio_write32(QUEUE0 + offset, value); }

static bool is_our_device(void) {
  return read_global(DIXION_ACCELERATOR_ID) == 0x314e5844 && /* "DXN1" */
         read_global(DIXION_ACCELERATOR_BUILD_HASH) == DIXION_ABI_HASH;
}

static void describe_tensor(void) {
  descriptors[1] = (dixion_descriptor_t){.address = physical_address(tensor),
                                         .extent = {ROWS, COLUMNS},
                                         .stride = {sizeof tensor[0], sizeof tensor[0][0]},
                                         .format = DIXION_FORMAT_INT32,
                                         .rank = 2};
  write_global(DIXION_ACCELERATOR_DESCRIPTOR_BASE_LO, (uint32_t)physical_address(descriptors));
  write_global(DIXION_ACCELERATOR_DESCRIPTOR_BASE_HI, 0);
  write_global(DIXION_ACCELERATOR_DESCRIPTOR_COUNT, 2);
}

static void open_queue(void) {
  write_queue(DIXION_QUEUE_RING_BASE_LO, (uint32_t)physical_address(ring));
  write_queue(DIXION_QUEUE_RING_BASE_HI, 0);
  write_queue(DIXION_QUEUE_RING_SIZE, SLOTS);
  write_queue(DIXION_QUEUE_COMPLETION_BASE_LO, (uint32_t)physical_address(records));
  write_queue(DIXION_QUEUE_COMPLETION_BASE_HI, 0);
  write_queue(DIXION_QUEUE_COMPLETION_SIZE, SLOTS);
  write_queue(DIXION_QUEUE_CONTROL, DIXION_QUEUE_CONTROL_ENABLE_MASK);
  write_global(DIXION_ACCELERATOR_INTR_ENABLE, 1); /* completions of queue 0 */
  write_global(DIXION_ACCELERATOR_CONTROL, DIXION_ACCELERATOR_CONTROL_ENABLE_MASK);
}

static void submit_fill(void) {
  ring[0] = (dixion_command_t){.opcode = DIXION_OPCODE_DMA_FILL,
                               .flags = DIXION_COMMAND_FLAG_INTERRUPT,
                               .core_count = 1, /* DMA channel 0 */
                               .operands = {1}, /* descriptors[1] */
                               .immediates = {VALUE}};
  fence_memory_to_device();              /* the command is in memory ... */
  write_queue(DIXION_QUEUE_DOORBELL, 1); /* ... before the device is told */
}

static void on_interrupt(void* context, uint32_t source) {
  (void)context;
  (void)source;
  write_global(DIXION_ACCELERATOR_INTR_STATUS, read_global(DIXION_ACCELERATOR_INTR_STATUS)); /* lowers the line */
}

static bool has_record(const void* record) { return ((const volatile dixion_completion_t*)record)->phase == 1; }

static bool is_filled(void) {
  for (uint32_t i = 0; i < ROWS * COLUMNS; ++i) {
    if (tensor[i / COLUMNS][i % COLUMNS] != VALUE) return false;
  }
  return true;
}

int main(void) {
  if (!is_our_device()) return STATUS_NO_DEVICE;
  const status_t status = trap_register(DIXION_MAP_ACCELERATOR_IRQ, on_interrupt, NULL);
  if (status != STATUS_OK) return status;
  describe_tensor();
  open_queue();
  submit_fill();
  wait_for_interrupt(has_record, &records[0]);
  fence_device_to_memory();
  if (records[0].status != DIXION_STATUS_OK) {
    printf("first driver: cause %u in field %u, value 0x%x\n", records[0].cause, records[0].field,
           (unsigned)records[0].value);
    return STATUS_COMMAND_FAILED;
  }
  if (!is_filled()) return STATUS_MISMATCH;
  printf("first driver: %u elements filled in %u accel_cycles\n", (unsigned)(ROWS * COLUMNS),
         (unsigned)(records[0].end_cycle - records[0].start_cycle));
  return STATUS_OK;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/drivers/accel_queue.h"

#include <stddef.h>
#include <string.h>

#include "firmware/drivers/dixion_port.h"
#include "models/abi/generated/queue_registers.h"

#define MIN_SLOTS 8u
#define MAX_SLOTS 65536u
#define RING_ALIGNMENT 64u

static uint64_t reg(const accel_queue_t* queue, uint32_t offset) {
  return queue->accel->base + DIXION_QUEUE_PAGE_SIZE * (1u + queue->number) + offset;
}

static bool is_ring(uint64_t address, uint32_t slots) {
  return address % RING_ALIGNMENT == 0 && slots >= MIN_SLOTS && slots <= MAX_SLOTS && (slots & (slots - 1u)) == 0;
}

status_t accel_queue_init(accel_queue_t* queue, accel_t* accel, uint32_t number, dixion_command_t* ring, uint32_t slots,
                          dixion_completion_t* records, uint32_t record_slots) {
  const uint64_t ring_address = physical_address(ring);
  const uint64_t record_address = physical_address(records);
  if (number >= accel->capabilities.queues || !is_ring(ring_address, slots) || !is_ring(record_address, record_slots)) {
    return STATUS_BAD_ARGUMENT;
  }
  *queue = (accel_queue_t){
      .accel = accel, .number = number, .ring = ring, .slots = slots, .records = records, .record_slots = record_slots};
  memset(records, 0, (size_t)record_slots * sizeof *records); /* phase 0: no record of the first round */

  mmio_write32(reg(queue, DIXION_QUEUE_RING_BASE_LO), (uint32_t)ring_address);
  mmio_write32(reg(queue, DIXION_QUEUE_RING_BASE_HI), (uint32_t)(ring_address >> 32));
  mmio_write32(reg(queue, DIXION_QUEUE_RING_SIZE), slots);
  mmio_write32(reg(queue, DIXION_QUEUE_COMPLETION_BASE_LO), (uint32_t)record_address);
  mmio_write32(reg(queue, DIXION_QUEUE_COMPLETION_BASE_HI), (uint32_t)(record_address >> 32));
  mmio_write32(reg(queue, DIXION_QUEUE_COMPLETION_SIZE), record_slots);
  fence_memory_to_device();
  mmio_write32(reg(queue, DIXION_QUEUE_CONTROL), DIXION_QUEUE_CONTROL_ENABLE_MASK);
  return STATUS_OK;
}

status_t accel_queue_submit(accel_queue_t* queue, const dixion_command_t* command, uint32_t* id) {
  if (queue->tail - queue->head == queue->slots) {
    queue->head = mmio_read32(reg(queue, DIXION_QUEUE_HEAD));
    if (queue->tail - queue->head == queue->slots) return STATUS_RING_FULL;
  }
  queue->ring[queue->tail & (queue->slots - 1u)] = *command;
  if (id != NULL) *id = queue->tail;
  ++queue->tail;
  return STATUS_OK;
}

void accel_queue_ring_doorbell(accel_queue_t* queue) {
  fence_memory_to_device();                                     /* commands and what they point to are in memory ... */
  mmio_write32(reg(queue, DIXION_QUEUE_DOORBELL), queue->tail); /* ... before the device is told */
}

/* The next record has been written. The phase flips each time the ring comes round. */
static bool has_record(const accel_queue_t* queue) {
  const uint32_t slot = queue->consumed & (queue->record_slots - 1u);
  const uint32_t round = queue->consumed / queue->record_slots;
  const volatile uint8_t* phase = &queue->records[slot].phase;
  return *phase == ((round & 1u) == 0 ? 1u : 0u);
}

static bool is_halted(const accel_queue_t* queue) { return (queue->accel->halted >> queue->number & 1u) != 0; }

static bool has_news(const void* context) { return has_record(context) || is_halted(context); }

status_t accel_queue_poll(accel_queue_t* queue, dixion_completion_t* record) {
  const bool halted = is_halted(queue); /* before the look: the record is in memory when this is set */
  if (!has_record(queue)) return halted ? STATUS_HALTED : STATUS_NOTHING_YET;
  fence_device_to_memory(); /* the rest of the record is read after its phase */
  *record = queue->records[queue->consumed & (queue->record_slots - 1u)];
  ++queue->consumed;
  mmio_write32(reg(queue, DIXION_QUEUE_COMPLETION_HEAD), queue->consumed);
  return record->status == DIXION_STATUS_OK ? STATUS_OK : STATUS_COMMAND_FAILED;
}

status_t accel_queue_wait(accel_queue_t* queue, dixion_completion_t* record) {
  for (;;) {
    const status_t status = accel_queue_poll(queue, record);
    if (status != STATUS_NOTHING_YET) return status;
    wait_for_interrupt(has_news, queue);
  }
}

void accel_queue_resume(accel_queue_t* queue) {
  queue->accel->halted &= ~(1u << queue->number);
  mmio_write32(reg(queue, DIXION_QUEUE_CONTROL), DIXION_QUEUE_CONTROL_ENABLE_MASK | DIXION_QUEUE_CONTROL_RESUME_MASK);
}

void accel_queue_reset(accel_queue_t* queue) {
  mmio_write32(reg(queue, DIXION_QUEUE_CONTROL), DIXION_QUEUE_CONTROL_RESET_MASK);
  queue->accel->halted &= ~(1u << queue->number);
}

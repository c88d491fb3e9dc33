/* SPDX-License-Identifier: Apache-2.0 */
/* One command, one doorbell, one interrupt: a NOP, and the record the accelerator leaves for it. */
#include <stdio.h>

#include "firmware/drivers/accel_queue.h"
#include "firmware/lib/machine.h"
#include "firmware/runtime/commands.h"
#include "firmware/runtime/opcodes.h"

#define SLOTS 8u

static dixion_command_t ring[SLOTS] __attribute__((aligned(64)));
static dixion_completion_t records[SLOTS] __attribute__((aligned(64)));

int main(void) {
  accel_t accel;
  accel_queue_t queue;
  status_t status = machine_open_accelerator(&accel);
  if (status != STATUS_OK) return status;
  accel_enable(&accel);
  status = accel_queue_init(&queue, &accel, 0, ring, SLOTS, records, SLOTS);
  if (status != STATUS_OK) return status;

  dixion_command_t nop = command_make(DIXION_OPCODE_NOP, 0x2a);
  nop.flags = DIXION_COMMAND_FLAG_INTERRUPT;
  uint32_t id = 0;
  status = accel_queue_submit(&queue, &nop, &id);
  if (status != STATUS_OK) return status;
  accel_queue_ring_doorbell(&queue);

  dixion_completion_t record;
  status = accel_queue_wait(&queue, &record);
  if (status != STATUS_OK && status != STATUS_COMMAND_FAILED) return status;
  printf("command %u: tag 0x%x, status %u, cause %s, accel_cycles %lu to %lu\n", (unsigned)record.command_id,
         (unsigned)record.tag, record.status, opcode_cause_name(record.cause), (unsigned long)record.start_cycle,
         (unsigned long)record.end_cycle);
  if (status == STATUS_OK && (record.command_id != id || record.tag != nop.tag)) return STATUS_MISMATCH;
  return status;
}

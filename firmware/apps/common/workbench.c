/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/apps/common/workbench.h"

#include <stdio.h>

#include "firmware/lib/machine.h"
#include "firmware/runtime/opcodes.h"

#define SLOTS 8u

static dixion_descriptor_t table[WORKBENCH_TENSORS + 1u] __attribute__((aligned(64)));
static dixion_command_t ring[SLOTS] __attribute__((aligned(64)));
static dixion_completion_t records[SLOTS] __attribute__((aligned(64)));

status_t workbench_open(workbench_t* workbench) {
  workbench->descriptors = (descriptor_table_t){.entries = table, .count = 1, .capacity = WORKBENCH_TENSORS + 1u};
  return machine_open_accelerator(&workbench->accel);
}

uint16_t workbench_describe(workbench_t* workbench, const dixion_descriptor_t* descriptor) {
  uint16_t index = 0;
  return descriptor_table_add(&workbench->descriptors, descriptor, &index) == STATUS_OK ? index : 0;
}

status_t workbench_start(workbench_t* workbench) {
  const status_t status = accel_set_descriptors(&workbench->accel, table, workbench->descriptors.count);
  if (status != STATUS_OK) return status;
  accel_enable(&workbench->accel);
  return accel_queue_init(&workbench->queue, &workbench->accel, 0, ring, SLOTS, records, SLOTS);
}

status_t workbench_run(workbench_t* workbench, const dixion_command_t* command) {
  dixion_command_t interrupting = *command;
  interrupting.flags |= DIXION_COMMAND_FLAG_INTERRUPT;
  status_t status = accel_queue_submit(&workbench->queue, &interrupting, NULL);
  if (status != STATUS_OK) return status;
  accel_queue_ring_doorbell(&workbench->queue);

  dixion_completion_t record;
  status = accel_queue_wait(&workbench->queue, &record);
  if (status == STATUS_COMMAND_FAILED) {
    const opcode_info_t* info = opcode_find(command->opcode);
    char field[24];
    opcode_field_name(record.field, field);
    printf("command %u (%s) failed: %s in %s, value 0x%x\n", (unsigned)record.command_id, info ? info->name : "?",
           opcode_cause_name(record.cause), field, (unsigned)record.value);
  }
  return status;
}

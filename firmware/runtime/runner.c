/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/runtime/runner.h"

#include <stdio.h>

#include "firmware/runtime/opcodes.h"

#define RING_SLOTS 16u
#define RING_ALIGNMENT 64u

status_t runner_init(runner_t* runner, const schedule_t* schedule, accel_t* accel, bump_t* memory) {
  *runner = (runner_t){.schedule = schedule};
  void *ring, *records, *parameters;
  status_t status = bump_allocate_zeroed(memory, RING_SLOTS * sizeof(dixion_command_t), RING_ALIGNMENT, &ring);
  if (status == STATUS_OK) {
    status = bump_allocate_zeroed(memory, RING_SLOTS * sizeof(dixion_completion_t), RING_ALIGNMENT, &records);
  }
  if (status == STATUS_OK) {
    status =
        bump_allocate_zeroed(memory, RUNNER_IN_FLIGHT * sizeof(dixion_parameter_block_t), RING_ALIGNMENT, &parameters);
  }
  if (status != STATUS_OK) return status;
  runner->parameters = parameters;
  for (uint32_t unit = 0; unit < LIST_UNIT_DMA0 + schedule->dma_channels; ++unit) {
    runner->semaphore_base[unit] = accel_semaphore(accel, LIST_SEMAPHORE(unit));
  }
  status = accel_set_descriptors(accel, schedule->descriptors.entries, schedule->descriptors.count);
  if (status != STATUS_OK) return status;
  accel_enable(accel);
  return accel_queue_init(&runner->queue, accel, 0, ring, RING_SLOTS, records, RING_SLOTS);
}

static status_t submit(runner_t* runner, uint32_t phase, uint32_t step) {
  const command_list_t* list = schedule_list(runner->schedule, phase, step);
  dixion_parameter_block_t* parameters = &runner->parameters[runner->submitted % RUNNER_IN_FLIGHT];
  schedule_fill_parameters(runner->schedule, phase, step, parameters);
  for (uint32_t unit = 0; unit < LIST_UNITS; ++unit) {
    parameters->semaphore_base[LIST_SEMAPHORE(unit)] = runner->semaphore_base[unit];
    runner->semaphore_base[unit] += list->signals[unit];
  }
  const uint32_t tag_step = phase == DIXION_PHASE_STEP ? step : DIXION_TAG_STEP_NONE;
  const dixion_command_t call =
      command_call(list, parameters, dixion_tag(tag_step, DIXION_TAG_LAYER_NONE, SCHEDULE_OPERATOR_CALL));
  const status_t status = accel_queue_submit(&runner->queue, &call, NULL);
  if (status != STATUS_OK) return status;
  ++runner->submitted;
  accel_queue_ring_doorbell(&runner->queue);
  return STATUS_OK;
}

/* Sleeps until the oldest CALL has completed. */
static status_t finish_one(runner_t* runner, dixion_image_result_t* result) {
  dixion_completion_t record;
  const status_t status = accel_queue_wait(&runner->queue, &record);
  if (status == STATUS_COMMAND_FAILED) runner->failure = record;
  if (status != STATUS_OK) return status;
  if (runner->finished == 0) result->start_cycle = record.start_cycle;
  result->end_cycle = record.end_cycle;
  const uint32_t step = dixion_tag_step(record.tag);
  if (step != DIXION_TAG_STEP_NONE) result->steps_done = step + 1u;
  ++runner->finished;
  return STATUS_OK;
}

static status_t run_phase(runner_t* runner, uint32_t phase, uint32_t first, uint32_t end,
                          dixion_image_result_t* result) {
  for (uint32_t step = first; step < end; ++step) {
    if (schedule_list(runner->schedule, phase, step)->count == 0) continue;
    if (runner->submitted - runner->finished == RUNNER_IN_FLIGHT) {
      const status_t status = finish_one(runner, result);
      if (status != STATUS_OK) return status;
    }
    const status_t status = submit(runner, phase, step);
    if (status != STATUS_OK) return status;
  }
  return STATUS_OK;
}

status_t runner_run(runner_t* runner, dixion_image_result_t* result) {
  const uint32_t steps = runner->schedule->image->steps;
  result->output_address = runner->schedule->output_address;
  status_t status = run_phase(runner, DIXION_PHASE_ONCE, 0, 1, result);
  if (status == STATUS_OK) status = run_phase(runner, DIXION_PHASE_STEP, 0, steps, result);
  if (status == STATUS_OK) status = run_phase(runner, DIXION_PHASE_FINISH, steps - 1u, steps, result);
  while (status == STATUS_OK && runner->finished != runner->submitted) status = finish_one(runner, result);
  return status;
}

void runner_print_failure(const runner_t* runner) {
  const dixion_completion_t* record = &runner->failure;
  const dixion_image_header_t* image = runner->schedule->image;
  const uint32_t number = dixion_tag_operator(record->tag);
  uint32_t opcode = DIXION_OPCODE_CALL;
  if (number == SCHEDULE_OPERATOR_LOAD) opcode = DIXION_OPCODE_DMA_COPY;
  if (number < image->operator_count) opcode = image_operators(image)[number].opcode;
  char field[24];
  opcode_field_name(record->field, field);
  printf("queue %u command %u: %s (step %u, layer %u, operator %u) failed: %s in %s, value 0x%x\n",
         (unsigned)runner->queue.number, (unsigned)record->command_id, opcode_find(opcode)->name,
         (unsigned)dixion_tag_step(record->tag), (unsigned)dixion_tag_layer(record->tag), (unsigned)number,
         opcode_cause_name(record->cause), field, (unsigned)record->value);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a schedule: one CALL and one doorbell per denoising step; the hart sleeps while the accelerator works. */
#ifndef DIXION_FIRMWARE_RUNTIME_RUNNER_H
#define DIXION_FIRMWARE_RUNTIME_RUNNER_H

#include "firmware/drivers/accel_queue.h"
#include "firmware/runtime/schedule.h"

/* Calls on the queue at a time: while one runs the next is already fetched. */
#define RUNNER_IN_FLIGHT 2u

typedef struct runner {
  const schedule_t* schedule;
  accel_queue_t queue;
  dixion_parameter_block_t* parameters; /* [RUNNER_IN_FLIGHT], free again when its CALL has completed */
  uint32_t semaphore_base[LIST_UNITS];  /* signals of all CALLs submitted so far */
  uint32_t submitted;
  uint32_t finished;
  dixion_completion_t failure; /* valid after STATUS_COMMAND_FAILED */
} runner_t;

/* Gives `accel` (freshly reset) the descriptors, sets up queue 0 and enables the device. STATUS_NO_MEMORY,
 * STATUS_BAD_ARGUMENT. */
MUST_USE status_t runner_init(runner_t* runner, const schedule_t* schedule, accel_t* accel, bump_t* memory);

/* All phases and steps. Fills steps_done, output_address and the cycles of *result, not its state.
 * STATUS_COMMAND_FAILED, STATUS_HALTED: the queue is left as the error left it. */
MUST_USE status_t runner_run(runner_t* runner, dixion_image_result_t* result);

/* One line on the console about the failed command. */
void runner_print_failure(const runner_t* runner);

#endif

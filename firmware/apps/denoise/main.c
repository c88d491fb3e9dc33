/* SPDX-License-Identifier: Apache-2.0 */
/* Runs the packed workload that the device tree points to: a whole denoising run. Knows no network. */
#include <stdio.h>

#include "firmware/drivers/dixion_port.h"
#include "firmware/lib/machine.h"
#include "firmware/runtime/runner.h"

static schedule_t schedule;
static runner_t runner;

/* The state goes last: who sees it sees the rest. */
static void publish(dixion_image_header_t* image, const dixion_image_result_t* result, uint32_t state) {
  image->result = *result;
  fence_memory_to_device();
  ((volatile dixion_image_result_t*)&image->result)->state = state;
  fence_memory_to_device();
}

static void print_memory(void) {
  printf("denoise: global buffer: %lu of %lu bytes of weights", (unsigned long)schedule.resident_bytes,
         (unsigned long)schedule.weight_bytes);
  if (schedule.ring_bytes > 0) printf(", %lu bytes for others in turn", (unsigned long)schedule.ring_bytes);
  printf(", %lu bytes of scratch; DRAM: %lu bytes of scratch (unshared %lu)\n",
         (unsigned long)schedule.activation_bytes, (unsigned long)schedule.dram_bytes,
         (unsigned long)schedule.unshared_bytes);
}

static status_t prepare(dixion_image_header_t* image, uint64_t size, accel_t* accel) {
  bump_t memory;
  status_t status = machine_free_memory((uint8_t*)image + size, &memory);
  if (status != STATUS_OK) {
    printf("denoise: no free memory behind the workload: %s\n", status_name(status));
    return status;
  }
  image_problem_t problem;
  status = schedule_build(&schedule, image, size, &accel->capabilities, &memory, &problem);
  if (status != STATUS_OK && problem.what != NULL) {
    printf("denoise: workload refused: %s", problem.what);
    if (problem.index != DIXION_IMAGE_NONE) printf(" (number %u)", (unsigned)problem.index);
    if (problem.needed != 0) {
      printf(": %lu bytes needed, %lu are there", (unsigned long)problem.needed, (unsigned long)problem.there);
    }
    printf("\n");
    return status;
  }
  if (status == STATUS_OK) status = runner_init(&runner, &schedule, accel, &memory);
  if (status != STATUS_OK) printf("denoise: cannot set up the run: %s\n", status_name(status));
  return status;
}

static status_t run(dixion_image_result_t* result) {
  const status_t status = runner_run(&runner, result);
  if (status == STATUS_COMMAND_FAILED) {
    runner_print_failure(&runner);
  } else if (status != STATUS_OK) {
    printf("denoise: stopped after %u steps: %s\n", (unsigned)result->steps_done, status_name(status));
  }
  return status;
}

int main(void) {
  void* found;
  uint64_t size;
  status_t status = machine_find_image(&found, &size);
  if (status != STATUS_OK) {
    printf(
        "denoise: no workload: the device tree has no /chosen property \"dixion,image\"; start this program with "
        "dixion-vp run --workload NAME\n");
    return status;
  }
  dixion_image_header_t* image = found;
  accel_t accel;
  status = machine_open_accelerator(&accel);
  if (status == STATUS_OK) status = prepare(image, size, &accel);
  if (status != STATUS_OK) return status;

  printf("denoise: %u steps, %u samples, %u commands per step\n", (unsigned)image->steps, (unsigned)image->samples,
         (unsigned)schedule.lists[DIXION_PHASE_STEP].count);
  print_memory();
  dixion_image_result_t result = {0};
  publish(image, &result, DIXION_IMAGE_STATE_RUNNING);
  status = run(&result);
  publish(image, &result, status == STATUS_OK ? DIXION_IMAGE_STATE_DONE : DIXION_IMAGE_STATE_FAILED);
  if (status == STATUS_OK) {
    printf("denoise: done in %lu accel_cycles\n", (unsigned long)(result.end_cycle - result.start_cycle));
  }
  return status;
}

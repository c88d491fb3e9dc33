/* SPDX-License-Identifier: Apache-2.0 */
/* The accelerator for small programs: a few tensors, one command at a time. */
#ifndef DIXION_FIRMWARE_APPS_COMMON_WORKBENCH_H
#define DIXION_FIRMWARE_APPS_COMMON_WORKBENCH_H

#include "firmware/drivers/accel_queue.h"
#include "firmware/drivers/dixion_port.h"
#include "firmware/runtime/commands.h"
#include "firmware/runtime/descriptors.h"

#define WORKBENCH_TENSORS 15u

typedef struct workbench {
  accel_t accel;
  accel_queue_t queue;
  descriptor_table_t descriptors;
} workbench_t;

/* Finds and resets the accelerator. Says on the console what is wrong. One workbench at a time. */
MUST_USE status_t workbench_open(workbench_t* workbench);

/* Describes a tensor, at most WORKBENCH_TENSORS of them, before workbench_start(). Returns what commands name it by; 0
 * when there is no room, which a command that uses it will report as a missing operand. */
uint16_t workbench_describe(workbench_t* workbench, const dixion_descriptor_t* descriptor);

/* Hands the descriptors over and enables device and queue 0. */
MUST_USE status_t workbench_start(workbench_t* workbench);

/* Runs one command; the hart sleeps meanwhile. STATUS_COMMAND_FAILED: the console says why. */
MUST_USE status_t workbench_run(workbench_t* workbench, const dixion_command_t* command);

#endif

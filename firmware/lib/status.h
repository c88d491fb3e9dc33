/* SPDX-License-Identifier: Apache-2.0 */
/* Outcome of a call. An app that returns a status from main() ends with it as the finisher's code. */
#ifndef DIXION_FIRMWARE_LIB_STATUS_H
#define DIXION_FIRMWARE_LIB_STATUS_H

#define MUST_USE __attribute__((warn_unused_result))

typedef enum status {
  STATUS_OK = 0,
  STATUS_BAD_ARGUMENT = 1,  /* the caller broke a rule that stands beside the function */
  STATUS_NOT_FOUND = 2,     /* no such node, property or device */
  STATUS_BAD_TREE = 3,      /* the device tree is damaged */
  STATUS_NO_DEVICE = 4,     /* the identification register holds something else */
  STATUS_WRONG_VERSION = 5, /* the device speaks another programming model */
  STATUS_NO_MEMORY = 6,
  STATUS_RING_FULL = 7,   /* every slot holds a command that was not fetched yet */
  STATUS_NOTHING_YET = 8, /* no record has arrived since the last one */
  STATUS_HALTED = 9,      /* an error stopped the queue */
  STATUS_COMMAND_FAILED = 10,
  STATUS_BAD_IMAGE = 11, /* the packed workload is damaged or asks for what the device does not have */
  STATUS_MISMATCH = 12,  /* the result differs from what the hart computed */
} status_t;

const char* status_name(status_t status);

#endif

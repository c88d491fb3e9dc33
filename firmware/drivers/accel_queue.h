/* SPDX-License-Identifier: Apache-2.0 */
/* One command queue: a ring of commands that the device reads and a ring of completion records that it writes.
 * Registers: docs/registers/queue.md. Asynchronous: submit, doorbell, poll; accel_queue_wait sleeps until a poll
 * succeeds. */
#ifndef DIXION_FIRMWARE_DRIVERS_ACCEL_QUEUE_H
#define DIXION_FIRMWARE_DRIVERS_ACCEL_QUEUE_H

#include <stdint.h>

#include "firmware/drivers/accel.h"

typedef struct accel_queue {
  accel_t* accel;
  uint32_t number;
  dixion_command_t* ring;
  uint32_t slots;
  dixion_completion_t* records;
  uint32_t record_slots;
  uint32_t tail;     /* commands written to the ring */
  uint32_t head;     /* commands known to be fetched */
  uint32_t consumed; /* records read */
} accel_queue_t;

/* Takes `ring` and `records` (64-byte aligned; `slots` and `record_slots` powers of two from 8 to 65536) until the
 * queue is disabled; clears the records, sets the registers and enables the queue, which must be freshly reset.
 * STATUS_BAD_ARGUMENT. */
MUST_USE status_t accel_queue_init(accel_queue_t* queue, accel_t* accel, uint32_t number, dixion_command_t* ring,
                                   uint32_t slots, dixion_completion_t* records, uint32_t record_slots);

/* Copies the command into the ring; the device learns of it by the next doorbell. *id (may be null) is what its record
 * will carry. STATUS_RING_FULL: nothing was written. */
MUST_USE status_t accel_queue_submit(accel_queue_t* queue, const dixion_command_t* command, uint32_t* id);

/* Tells the device of everything submitted so far. */
void accel_queue_ring_doorbell(accel_queue_t* queue);

/* Takes the next record. STATUS_NOTHING_YET: none. STATUS_HALTED: none, and none will come: the queue is stopped.
 * STATUS_COMMAND_FAILED: *record holds one whose status is not OK. Records come in order of completion, not of
 * submission. */
MUST_USE status_t accel_queue_poll(accel_queue_t* queue, dixion_completion_t* record);

/* The same, but sleeps instead of returning STATUS_NOTHING_YET. Only records of commands with the INTERRUPT flag end
 * the sleep. */
MUST_USE status_t accel_queue_wait(accel_queue_t* queue, dixion_completion_t* record);

/* After an error: skip the failed command and go on. */
void accel_queue_resume(accel_queue_t* queue);

/* Drops what is not running and disables the queue; init it again before its next use. */
void accel_queue_reset(accel_queue_t* queue);

#endif

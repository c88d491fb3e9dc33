/* SPDX-License-Identifier: Apache-2.0 */
/* Builds commands, and lists of commands whose order across units is kept by semaphores.
 *
 * Every unit (control, matrix, vector, prediction, sparsity, each DMA channel) runs its commands in order and counts them with a semaphore of
 * its own: each command in a list signals 1. "The k-th command of unit u has completed" is then "semaphore of u >= base
 * + k", where base stands in the parameter block of the CALL and grows by the list's signals from CALL to CALL. */
#ifndef DIXION_FIRMWARE_RUNTIME_COMMANDS_H
#define DIXION_FIRMWARE_RUNTIME_COMMANDS_H

#include <stdint.h>

#include "firmware/lib/bump.h"
#include "models/abi/generated/commands.h"

enum list_unit { LIST_UNIT_CONTROL, LIST_UNIT_MATRIX, LIST_UNIT_VECTOR, LIST_UNIT_PREDICTION, LIST_UNIT_SPARSITY, LIST_UNIT_DMA0 };
#define LIST_MAX_DMA_CHANNELS 8u
#define LIST_UNITS (LIST_UNIT_DMA0 + LIST_MAX_DMA_CHANNELS)
#define LIST_SEMAPHORE(unit) (1u + (unit)) /* number 0 means none */

typedef struct command_list {
  dixion_command_t* commands;
  uint32_t count;
  uint32_t capacity;
  uint32_t signals[LIST_UNITS];            /* commands of each unit so far */
  uint32_t waited[LIST_UNITS][LIST_UNITS]; /* [u][v]: commands of v that u has already waited for */
} command_list_t;

/* A command without operands, waits and signals. */
dixion_command_t command_make(uint32_t opcode, uint32_t tag);

/* Replays `list`. The CALL starts when all earlier commands of its queue have completed, and interrupts. */
dixion_command_t command_call(const command_list_t* list, const dixion_parameter_block_t* parameters, uint32_t tag);

/* Room for `commands` commands, or for as many as `memory` has left. STATUS_NO_MEMORY: not even for the first. Nothing
 * else is allocated from `memory` until list_finish(), which gives back what the list does not need. */
MUST_USE status_t list_init(command_list_t* list, bump_t* memory, uint32_t commands);
void list_finish(command_list_t* list, bump_t* memory);

/* Most commands that one list_append() can make of one. */
uint32_t list_worst_case(uint32_t dma_channels);

/* Appends `command` (by value of its opcode, operands, immediates, tag, core set) for `unit`: it starts after the first
 * need[v] commands of every unit v in this list, and signals. More waits than a command has are put into NOPs before
 * it. need[unit] is ignored. STATUS_NO_MEMORY when the list is full. */
MUST_USE status_t list_append(command_list_t* list, const dixion_command_t* command, uint32_t unit,
                              const uint32_t need[LIST_UNITS]);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/runtime/commands.h"

#include <stdbool.h>
#include <string.h>

#include "firmware/drivers/dixion_port.h"

#define WAITS 2u /* of one command */

dixion_command_t command_make(uint32_t opcode, uint32_t tag) {
  return (dixion_command_t){.opcode = (uint8_t)opcode, .tag = tag};
}

dixion_command_t command_call(const command_list_t* list, const dixion_parameter_block_t* parameters, uint32_t tag) {
  dixion_command_t command = command_make(DIXION_OPCODE_CALL, tag);
  command.flags = DIXION_COMMAND_FLAG_INTERRUPT | DIXION_COMMAND_FLAG_FENCE;
  command.call.list_address = physical_address(list->commands);
  command.call.list_count = list->count;
  command.call.parameter_address = physical_address(parameters);
  return command;
}

status_t list_init(command_list_t* list, bump_t* memory, uint32_t commands) {
  *list = (command_list_t){0};
  const size_t room = bump_left_aligned(memory, sizeof(dixion_command_t)) / sizeof(dixion_command_t);
  if (commands > 0 && room == 0) return STATUS_NO_MEMORY;
  list->capacity = commands < room ? commands : (uint32_t)room;
  void* storage;
  const status_t status =
      bump_allocate(memory, list->capacity * sizeof(dixion_command_t), sizeof(dixion_command_t), &storage);
  if (status == STATUS_OK) list->commands = storage;
  return status;
}

void list_finish(command_list_t* list, bump_t* memory) {
  if (list->commands == NULL) return;
  list->capacity = list->count;
  bump_give_back(memory, list->commands + list->count);
}

uint32_t list_worst_case(uint32_t dma_channels) {
  return LIST_UNIT_DMA0 + dma_channels; /* itself, and a NOP for each other unit less one */
}

static void set_wait(dixion_command_t* command, uint32_t slot, uint32_t unit, uint32_t count) {
  command->wait_semaphore[slot] = (uint8_t)LIST_SEMAPHORE(unit);
  command->wait_value[slot] = count;
}

static status_t put(command_list_t* list, dixion_command_t* command, uint32_t unit) {
  if (list->count == list->capacity) return STATUS_NO_MEMORY;
  command->signal_semaphore = (uint8_t)LIST_SEMAPHORE(unit);
  command->signal_value = 1;
  ++list->signals[unit];
  list->commands[list->count++] = *command;
  return STATUS_OK;
}

status_t list_append(command_list_t* list, const dixion_command_t* command, uint32_t unit,
                     const uint32_t need[LIST_UNITS]) {
  /* What is still to be waited for: an earlier command of the unit may have waited for it already. */
  uint32_t units[LIST_UNITS];
  uint32_t count = 0;
  for (uint32_t other = LIST_UNIT_CONTROL + 1; other < LIST_UNITS; ++other) {
    if (other == unit || need[other] <= list->waited[unit][other]) continue;
    list->waited[unit][other] = need[other];
    units[count++] = other;
  }

  /* Control commands may overtake one another, so each waits for the one before: their count then means what it says.
   */
  uint32_t* controls = &list->signals[LIST_UNIT_CONTROL];
  uint32_t control = unit == LIST_UNIT_CONTROL ? *controls : need[LIST_UNIT_CONTROL]; /* 0: no wait */
  if (control <= list->waited[unit][LIST_UNIT_CONTROL]) control = 0;
  while (count + (control != 0 ? 1u : 0u) > WAITS) {
    dixion_command_t nop = command_make(DIXION_OPCODE_NOP, command->tag);
    uint32_t slot = 0;
    if (*controls > 0) set_wait(&nop, slot++, LIST_UNIT_CONTROL, *controls);
    for (; slot < WAITS; ++slot) {
      --count;
      set_wait(&nop, slot, units[count], need[units[count]]);
    }
    const status_t status = put(list, &nop, LIST_UNIT_CONTROL);
    if (status != STATUS_OK) return status;
    control = *controls;
  }

  dixion_command_t last = *command;
  uint32_t slot = 0;
  if (control != 0) {
    set_wait(&last, slot++, LIST_UNIT_CONTROL, control);
    list->waited[unit][LIST_UNIT_CONTROL] = control;
  }
  while (count > 0) {
    --count;
    set_wait(&last, slot++, units[count], need[units[count]]);
  }
  return put(list, &last, unit);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/runtime/lists.h"

#include <string.h>

#include "firmware/drivers/dixion_port.h"
#include "firmware/runtime/opcodes.h"
#include "firmware/runtime/prefetch.h"
#include "firmware/runtime/split.h"
#include "firmware/runtime/step_kind.h"

/* What one command does to memory. */
typedef struct touch {
  span_t span;
  bool write;
  bool forgotten; /* nobody waits for it */
} touch_t;

static span_t span_at(uint64_t address, uint64_t size) { return (span_t){.begin = address, .end = address + size}; }

/* Waits for what the touches need, then leaves their traces. */
static status_t append(builder_t* builder, command_list_t* list, const dixion_command_t* command, uint32_t unit,
                       const touch_t* touches, uint32_t count) {
  uint32_t need[LIST_UNITS] = {0};
  for (uint32_t i = 0; i < count; ++i) {
    dependencies_need(&builder->dependencies, &touches[i].span, touches[i].write, need);
  }
  status_t status = list_append(list, command, unit, need);
  for (uint32_t i = 0; i < count && status == STATUS_OK; ++i) {
    if (touches[i].forgotten) continue;
    status = dependencies_note(&builder->dependencies, &touches[i].span, touches[i].write, unit, list->signals[unit]);
  }
  return status;
}

/* Channels take turns from `first` on. */
static uint32_t choose_channel(builder_t* builder, dixion_command_t* command, uint32_t first) {
  if (builder->next_channel < first || builder->next_channel == builder->schedule->dma_channels) {
    builder->next_channel = first;
  }
  command->core_first = (uint8_t)builder->next_channel++;
  command->core_count = 1;
  return LIST_UNIT_DMA0 + command->core_first;
}

/* Descriptors of the bytes of DATA tensor `tensor` in the image and in `place`. */
static status_t describe_copy(builder_t* builder, uint32_t tensor, span_t place, uint16_t copy[2]) {
  descriptor_table_t* descriptors = &builder->schedule->descriptors;
  const uint32_t root = image_root(builder->image, tensor);
  uint64_t source = physical_address(builder->image) + builder->tensors[root].offset;
  if (root != tensor) source += builder->tensors[tensor].offset;
  const uint32_t bytes = (uint32_t)builder->tensors[tensor].size;
  const dixion_descriptor_t from = descriptor_dense(source, DIXION_FORMAT_INT8, 1, &bytes);
  const dixion_descriptor_t to = descriptor_dense(place.begin, DIXION_FORMAT_INT8, 1, &bytes);
  const status_t status = descriptor_table_add(descriptors, &from, &copy[0]);
  return status == STATUS_OK ? descriptor_table_add(descriptors, &to, &copy[1]) : status;
}

/* Copies what `copy` describes to `place`. */
static status_t append_load(builder_t* builder, command_list_t* list, const uint16_t copy[2], span_t place,
                            bool in_ring) {
  dixion_command_t command =
      command_make(DIXION_OPCODE_DMA_COPY, dixion_tag(0, DIXION_TAG_LAYER_NONE, SCHEDULE_OPERATOR_LOAD));
  command.operands[0] = copy[0];
  command.operands[1] = copy[1];
  uint32_t unit = LIST_UNIT_DMA0;
  if (in_ring) {
    command.core_count = 1;
  } else {
    unit = choose_channel(builder, &command, 0);
  }
  const touch_t touch = {.span = place, .write = true};
  return append(builder, list, &command, unit, &touch, 1);
}

static uint32_t choose_unit(builder_t* builder, dixion_command_t* command, uint32_t phase) {
  switch (opcode_find(command->opcode)->unit) {
    case OPCODE_UNIT_MATRIX:
      return LIST_UNIT_MATRIX;
    case OPCODE_UNIT_VECTOR:
      return LIST_UNIT_VECTOR;
    case OPCODE_UNIT_PREDICTION:
      return LIST_UNIT_PREDICTION;
    case OPCODE_UNIT_SPARSITY:
      return LIST_UNIT_SPARSITY;
    case OPCODE_UNIT_DMA: {
      const bool shared =
          builder->load_count == 0 || phase != DIXION_PHASE_STEP || builder->schedule->dma_channels == 1;
      return choose_channel(builder, command, shared ? 0 : 1);
    }
    default:
      return LIST_UNIT_CONTROL;
  }
}

/* The operand's load among those from number `first` on, or null. */
static const load_t* find_load(const builder_t* builder, uint32_t first, uint32_t number, uint32_t tensor) {
  for (; first < builder->load_count && builder->loads[first].operator_ == number; ++first) {
    if (builder->loads[first].tensor == tensor) return &builder->loads[first];
  }
  return NULL;
}

/* `first_load`: number of the first load that serves this operator or a later one. */
static status_t append_operator(builder_t* builder, command_list_t* list, uint32_t number, uint32_t first_load) {
  const dixion_image_operator_t* entry = &builder->operators[number];
  const opcode_info_t* info = opcode_find(entry->opcode);
  dixion_command_t command = command_make(entry->opcode, dixion_tag(0, entry->layer, number));
  command.split = split_of(builder->tensors, entry, builder->capabilities);
  memcpy(command.immediates, entry->immediates, sizeof command.immediates);
  touch_t touches[DIXION_MAX_OPERANDS];
  uint32_t count = 0;
  for (uint32_t i = 0; i < DIXION_MAX_OPERANDS; ++i) {
    const uint32_t tensor = entry->operands[i];
    if (tensor == DIXION_IMAGE_NONE) continue;
    command.operands[i] = (uint16_t)(tensor + 1u);
    if (i == ROW_LIST_OPERAND) command.flags = (uint8_t)(command.flags | DIXION_COMMAND_FLAG_ROW_LIST);
    span_t span = span_at(builder_address(builder, tensor), builder->tensors[tensor].size);
    bool pinned = false;
    if (builder_is_data(builder, tensor)) {
      const load_t* load = find_load(builder, first_load, number, tensor);
      pinned = builder->pinned[image_root(builder->image, tensor)];
      if (load != NULL) {
        command.operands[i] = load->descriptor;
        span = load->place;
      } else if (!pinned || entry->phase != DIXION_PHASE_ONCE) {
        continue; /* written before this list began */
      }
    }
    touches[count++] = (touch_t){.span = span, .write = opcode_writes(info, i), .forgotten = pinned};
  }
  return append(builder, list, &command, choose_unit(builder, &command, entry->phase), touches, count);
}

static status_t append_pinned(builder_t* builder, command_list_t* list) {
  status_t status = STATUS_OK;
  for (uint32_t i = 0; i < builder->image->tensor_count && status == STATUS_OK; ++i) {
    if (!builder->pinned[i]) continue;
    const span_t place = span_at(builder->schedule->addresses[i], builder->tensors[i].size);
    uint16_t copy[2];
    status = describe_copy(builder, i, place, copy);
    if (status == STATUS_OK) status = append_load(builder, list, copy, place, false);
  }
  return status;
}

/* The operator stands in the list of `phase` and, if that is the step, of `kind`. */
static bool belongs(const builder_t* builder, uint32_t number, uint32_t phase, uint32_t kind) {
  const dixion_image_operator_t* entry = &builder->operators[number];
  return entry->phase == phase && (phase != DIXION_PHASE_STEP || step_kind_runs(entry, kind));
}

/* Operators of the list, each behind the loads that are due. */
static status_t append_phase(builder_t* builder, command_list_t* list, uint32_t phase, uint32_t kind) {
  uint32_t due = 0;    /* first load that is not in the list */
  uint32_t unread = 0; /* first load that serves this operator or a later one */
  for (uint32_t i = 0; i < builder->image->operator_count; ++i) {
    if (!belongs(builder, i, phase, kind)) continue;
    status_t status = STATUS_OK;
    if (phase == DIXION_PHASE_STEP) {
      while (unread < builder->load_count && builder->loads[unread].operator_ < i) ++unread;
      for (; status == STATUS_OK && due < builder->load_count; ++due) {
        if (!belongs(builder, builder->loads[due].operator_, phase, kind)) continue;
        if (!prefetch_due(builder, due, i)) break;
        load_t* load = &builder->loads[due];
        if (load->shared) continue;
        if (load->copy[0] == 0) status = describe_copy(builder, load->copied, load->copy_place, load->copy);
        if (status == STATUS_OK) status = append_load(builder, list, load->copy, load->copy_place, true);
      }
    }
    if (status == STATUS_OK) status = append_operator(builder, list, i, unread);
    if (status != STATUS_OK) return status;
  }
  return STATUS_OK;
}

static status_t build_list(builder_t* builder, uint32_t phase, uint32_t kind) {
  command_list_t* list = &builder->schedule->lists[schedule_list_number(phase, kind)];
  uint32_t commands = 0;
  if (phase == DIXION_PHASE_ONCE) commands = builder->pinned_count;
  if (phase == DIXION_PHASE_STEP) commands = builder->load_count;
  for (uint32_t i = 0; i < builder->image->operator_count; ++i) {
    commands += belongs(builder, i, phase, kind) ? 1u : 0u;
  }
  const uint32_t most = commands * list_worst_case(builder->schedule->dma_channels);
  status_t status = list_init(list, builder->memory, most);
  dependencies_clear(&builder->dependencies);
  if (status == STATUS_OK && phase == DIXION_PHASE_ONCE) status = append_pinned(builder, list);
  if (status == STATUS_OK) status = append_phase(builder, list, phase, kind);
  if (status == STATUS_NO_MEMORY) {
    list->count = 0;
    list_finish(list, builder->memory);
    return builder_refuse_memory(builder, "DRAM has no room for the command list of phase", phase,
                                 (uint64_t)most * sizeof(dixion_command_t));
  }
  list_finish(list, builder->memory);
  return status;
}

status_t lists_build(builder_t* builder) {
  uint32_t accesses = builder->pinned_count + builder->load_count;
  for (uint32_t i = 0; i < builder->image->operator_count; ++i) {
    for (uint32_t k = 0; k < DIXION_MAX_OPERANDS; ++k) {
      accesses += builder->operators[i].operands[k] != DIXION_IMAGE_NONE ? 1u : 0u;
    }
  }
  status_t status = dependencies_init(&builder->dependencies, builder->memory, accesses);
  const uint32_t kinds = step_kinds_of_run(builder->image);
  for (uint32_t phase = 0; phase < SCHEDULE_PHASES; ++phase) {
    for (uint32_t kind = 0; kind < DIXION_STEP_KINDS && status == STATUS_OK; ++kind) {
      const bool played = phase == DIXION_PHASE_STEP ? (kinds >> kind & 1u) != 0 : kind == 0;
      if (played) status = build_list(builder, phase, kind);
    }
  }
  builder->schedule->most_accesses = builder->dependencies.most;
  return status;
}

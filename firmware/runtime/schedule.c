/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/runtime/schedule.h"

#include <string.h>

#include "firmware/drivers/dixion_port.h"
#include "firmware/runtime/dependencies.h"
#include "firmware/runtime/opcodes.h"

#define TENSOR_ALIGNMENT 64u
#define ALIGNED(size) (((size) + TENSOR_ALIGNMENT - 1u) & ~(uint64_t)(TENSOR_ALIGNMENT - 1u))

/* What only building needs. */
typedef struct builder {
  schedule_t* schedule;
  const dixion_image_header_t* image;
  const dixion_image_tensor_t* tensors;
  const accel_capabilities_t* capabilities;
  bump_t* memory;
  dependencies_t dependencies;
  uint32_t next_channel; /* DMA channels take turns */
  image_problem_t* problem;
} builder_t;

static status_t refuse(builder_t* builder, status_t status, const char* what, uint32_t index) {
  *builder->problem = (image_problem_t){.what = what, .index = index};
  return status;
}

static bool is_root(const dixion_image_tensor_t* tensor) { return tensor->parent == DIXION_IMAGE_NONE; }

static bool is_resident(const dixion_image_tensor_t* tensor) {
  return is_root(tensor) && tensor->resident != 0 && tensor->lifetime == DIXION_LIFETIME_DATA &&
         tensor->step_stride == 0;
}

/* Weights that are read in every step go to the global buffer if all of them fit: decided before anything is placed. */
static uint64_t resident_bytes(const builder_t* builder) {
  uint64_t bytes = 0;
  for (uint32_t i = 0; i < builder->image->tensor_count; ++i) {
    if (is_resident(&builder->tensors[i])) bytes += ALIGNED(builder->tensors[i].size);
  }
  return bytes <= builder->capabilities->global_buffer_bytes ? bytes : 0;
}

static status_t place_tensors(builder_t* builder) {
  schedule_t* schedule = builder->schedule;
  uint64_t global_next = DIXION_GLOBAL_BUFFER_BASE;
  for (uint32_t i = 0; i < builder->image->tensor_count; ++i) {
    const dixion_image_tensor_t* tensor = &builder->tensors[i];
    if (!is_root(tensor)) continue;
    if (schedule->resident_bytes > 0 && is_resident(tensor)) {
      schedule->addresses[i] = global_next;
      global_next += ALIGNED(tensor->size);
    } else if (tensor->lifetime == DIXION_LIFETIME_DATA) {
      schedule->addresses[i] = physical_address(builder->image) + tensor->offset;
    } else {
      void* storage;
      const status_t status = bump_allocate(builder->memory, tensor->size, TENSOR_ALIGNMENT, &storage);
      if (status != STATUS_OK) return refuse(builder, status, "DRAM has no room for tensor", i);
      schedule->addresses[i] = physical_address(storage);
    }
  }
  return STATUS_OK;
}

static uint64_t address_of(const builder_t* builder, uint32_t tensor) {
  const uint32_t parent = builder->tensors[tensor].parent;
  return parent == DIXION_IMAGE_NONE ? builder->schedule->addresses[tensor]
                                     : builder->schedule->addresses[parent] + builder->tensors[tensor].offset;
}

/* A view moves with the steps if it or its parent does. */
static uint64_t step_stride_of(const builder_t* builder, uint32_t tensor) {
  const dixion_image_tensor_t* entry = &builder->tensors[tensor];
  if (entry->step_stride != 0 || is_root(entry)) return entry->step_stride;
  return builder->tensors[entry->parent].step_stride;
}

/* The parameter value that holds step * stride. Tensors with the same stride share one. */
static status_t find_parameter(schedule_t* schedule, uint64_t stride, uint8_t* parameter) {
  uint32_t i = 0;
  while (i < schedule->step_stride_count && schedule->step_strides[i] != stride) ++i;
  if (i == DIXION_PARAMETER_VALUES) return STATUS_BAD_IMAGE;
  if (i == schedule->step_stride_count) schedule->step_strides[schedule->step_stride_count++] = stride;
  *parameter = (uint8_t)i;
  return STATUS_OK;
}

static status_t describe_tensors(builder_t* builder) {
  schedule_t* schedule = builder->schedule;
  for (uint32_t i = 0; i < builder->image->tensor_count; ++i) {
    const dixion_image_tensor_t* tensor = &builder->tensors[i];
    dixion_descriptor_t descriptor = {
        .address = address_of(builder, i), .format = tensor->format, .rank = tensor->rank};
    memcpy(descriptor.extent, tensor->extent, sizeof descriptor.extent);
    memcpy(descriptor.stride, tensor->stride, sizeof descriptor.stride);
    const uint64_t step_stride = step_stride_of(builder, i);
    if (step_stride != 0) {
      descriptor.flags = DIXION_DESCRIPTOR_FLAG_PARAMETER_BASE;
      if (find_parameter(schedule, step_stride, &descriptor.parameter) != STATUS_OK) {
        return refuse(builder, STATUS_BAD_IMAGE, "more different step strides than parameter values", i);
      }
    }
    uint16_t index;
    const status_t status = descriptor_table_add(&schedule->descriptors, &descriptor, &index);
    if (status != STATUS_OK) return status;
  }
  return STATUS_OK;
}

static uint32_t choose_unit(builder_t* builder, dixion_command_t* command) {
  switch (opcode_find(command->opcode)->unit) {
    case OPCODE_UNIT_MATRIX:
      return LIST_UNIT_MATRIX;
    case OPCODE_UNIT_VECTOR:
      return LIST_UNIT_VECTOR;
    case OPCODE_UNIT_DMA:
      command->core_first = (uint8_t)builder->next_channel;
      command->core_count = 1;
      builder->next_channel = (builder->next_channel + 1u) % builder->schedule->dma_channels;
      return LIST_UNIT_DMA0 + command->core_first;
    default:
      return LIST_UNIT_CONTROL;
  }
}

static span_t span_of(const builder_t* builder, uint32_t tensor) {
  const dixion_image_tensor_t* entry = &builder->tensors[tensor];
  const uint64_t begin = is_root(entry) ? 0 : entry->offset;
  return (span_t){.root = image_root(builder->image, tensor), .begin = begin, .end = begin + entry->size};
}

/* Waits for what its operands need, then leaves its own traces. `operands` are tensors. */
static status_t append(builder_t* builder, command_list_t* list, dixion_command_t* command, const uint32_t* operands,
                       uint32_t count, uint32_t output) {
  const uint32_t unit = choose_unit(builder, command);
  uint32_t need[LIST_UNITS] = {0};
  for (uint32_t i = 0; i < count; ++i) {
    if (operands[i] == DIXION_IMAGE_NONE) continue;
    const span_t span = span_of(builder, operands[i]);
    dependencies_need(&builder->dependencies, &span, i == output, need);
  }
  status_t status = list_append(list, command, unit, need);
  for (uint32_t i = 0; i < count && status == STATUS_OK; ++i) {
    if (operands[i] == DIXION_IMAGE_NONE) continue;
    /* Data is written by the load before all readers or never: nobody waits for its readers. */
    if (i != output && builder->tensors[operands[i]].lifetime == DIXION_LIFETIME_DATA) continue;
    const span_t span = span_of(builder, operands[i]);
    status = dependencies_note(&builder->dependencies, &span, i == output, unit, list->signals[unit]);
  }
  return status;
}

/* Copies a weight as plain bytes from the image to its place in the global buffer. */
static status_t append_load(builder_t* builder, command_list_t* list, uint32_t tensor) {
  schedule_t* schedule = builder->schedule;
  const uint64_t source = physical_address(builder->image) + builder->tensors[tensor].offset;
  const uint32_t bytes = (uint32_t)builder->tensors[tensor].size;
  const dixion_descriptor_t from = descriptor_dense(source, DIXION_FORMAT_INT8, 1, &bytes);
  const dixion_descriptor_t to = descriptor_dense(schedule->addresses[tensor], DIXION_FORMAT_INT8, 1, &bytes);
  dixion_command_t command =
      command_make(DIXION_OPCODE_DMA_COPY, dixion_tag(0, DIXION_TAG_LAYER_NONE, SCHEDULE_OPERATOR_LOAD));
  status_t status = descriptor_table_add(&schedule->descriptors, &from, &command.operands[0]);
  if (status == STATUS_OK) status = descriptor_table_add(&schedule->descriptors, &to, &command.operands[1]);
  if (status == STATUS_OK) status = append(builder, list, &command, &tensor, 1, 0);
  return status;
}

static status_t append_operator(builder_t* builder, command_list_t* list, uint32_t number) {
  const dixion_image_operator_t* entry = &image_operators(builder->image)[number];
  dixion_command_t command = command_make(entry->opcode, dixion_tag(0, entry->layer, number));
  command.split = entry->split;
  memcpy(command.immediates, entry->immediates, sizeof command.immediates);
  for (uint32_t i = 0; i < DIXION_MAX_OPERANDS; ++i) {
    if (entry->operands[i] != DIXION_IMAGE_NONE) command.operands[i] = (uint16_t)(entry->operands[i] + 1u);
  }
  return append(builder, list, &command, entry->operands, DIXION_MAX_OPERANDS, opcode_find(entry->opcode)->output);
}

static status_t build_list(builder_t* builder, uint32_t phase, uint32_t loads) {
  command_list_t* list = &builder->schedule->lists[phase];
  const dixion_image_header_t* image = builder->image;
  uint32_t operators = phase == DIXION_PHASE_ONCE ? loads : 0;
  for (uint32_t i = 0; i < image->operator_count; ++i) operators += image_operators(image)[i].phase == phase ? 1u : 0u;
  status_t status = list_init(list, builder->memory, operators * list_worst_case(builder->schedule->dma_channels));
  if (status != STATUS_OK) return status;

  dependencies_clear(&builder->dependencies);
  for (uint32_t i = 0; phase == DIXION_PHASE_ONCE && loads > 0 && i < image->tensor_count; ++i) {
    if (!is_resident(&builder->tensors[i])) continue;
    status = append_load(builder, list, i);
    if (status != STATUS_OK) return status;
  }
  for (uint32_t i = 0; i < image->operator_count; ++i) {
    if (image_operators(image)[i].phase != phase) continue;
    status = append_operator(builder, list, i);
    if (status != STATUS_OK) return status;
  }
  return STATUS_OK;
}

static status_t build_lists(builder_t* builder, uint32_t loads) {
  const dixion_image_header_t* image = builder->image;
  const uint32_t accesses = image->operator_count * DIXION_MAX_OPERANDS + loads;
  status_t status = dependencies_init(&builder->dependencies, builder->memory, image->tensor_count, accesses);
  for (uint32_t phase = 0; phase < SCHEDULE_PHASES && status == STATUS_OK; ++phase) {
    status = build_list(builder, phase, loads);
  }
  return status;
}

status_t schedule_build(schedule_t* schedule, const dixion_image_header_t* image, uint64_t size,
                        const accel_capabilities_t* capabilities, bump_t* memory, image_problem_t* problem) {
  status_t status = image_check(image, size, problem);
  if (status != STATUS_OK) return status;
  *schedule = (schedule_t){.image = image, .dma_channels = capabilities->dma_channels};
  builder_t builder = {.schedule = schedule,
                       .image = image,
                       .tensors = image_tensors(image),
                       .capabilities = capabilities,
                       .memory = memory,
                       .problem = problem};
  if (capabilities->dma_channels == 0 || capabilities->dma_channels > LIST_MAX_DMA_CHANNELS ||
      capabilities->semaphores < LIST_SEMAPHORE(LIST_UNIT_DMA0 + capabilities->dma_channels)) {
    return refuse(&builder, STATUS_BAD_IMAGE, "the accelerator has no DMA channels or too few semaphores",
                  DIXION_IMAGE_NONE);
  }

  schedule->resident_bytes = resident_bytes(&builder);
  uint32_t loads = 0;
  for (uint32_t i = 0; schedule->resident_bytes > 0 && i < image->tensor_count; ++i) {
    loads += is_resident(&builder.tensors[i]) ? 1u : 0u;
  }
  void* addresses;
  status = bump_allocate_zeroed(memory, image->tensor_count * sizeof(uint64_t), TENSOR_ALIGNMENT, &addresses);
  if (status == STATUS_OK)
    status = descriptor_table_init(&schedule->descriptors, memory, image->tensor_count + 2 * loads);
  if (status == STATUS_BAD_ARGUMENT) {
    return refuse(&builder, STATUS_BAD_IMAGE, "more tensors than the descriptor table can hold", DIXION_IMAGE_NONE);
  }
  if (status == STATUS_OK) {
    schedule->addresses = addresses;
    status = place_tensors(&builder);
  }
  if (status == STATUS_OK) status = describe_tensors(&builder);
  if (status == STATUS_OK) status = build_lists(&builder, loads);
  if (status == STATUS_NO_MEMORY && problem->what == NULL) {
    return refuse(&builder, status, "DRAM has no room for descriptors and command lists", DIXION_IMAGE_NONE);
  }
  schedule->output_address = address_of(&builder, image->output_tensor);
  return status;
}

void schedule_fill_parameters(const schedule_t* schedule, uint32_t phase, uint32_t step,
                              dixion_parameter_block_t* parameters) {
  const uint32_t tag_step = phase == DIXION_PHASE_STEP ? step : DIXION_TAG_STEP_NONE;
  parameters->tag_base = tag_step << DIXION_TAG_STEP_SHIFT;
  parameters->reserved = 0;
  for (uint32_t i = 0; i < DIXION_PARAMETER_VALUES; ++i) parameters->value[i] = step * schedule->step_strides[i];
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/runtime/schedule.h"

#include <string.h>

#include "firmware/runtime/lists.h"
#include "firmware/runtime/placement.h"
#include "firmware/runtime/prefetch.h"
#include "firmware/runtime/step_kind.h"

/* A view moves with the steps if it or its parent does. */
static uint64_t step_stride_of(const builder_t* builder, uint32_t tensor) {
  const dixion_image_tensor_t* entry = &builder->tensors[tensor];
  if (entry->step_stride != 0 || entry->parent == DIXION_IMAGE_NONE) return entry->step_stride;
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

static status_t describe(builder_t* builder, uint32_t tensor, uint64_t address, uint16_t* index) {
  const dixion_image_tensor_t* entry = &builder->tensors[tensor];
  dixion_descriptor_t descriptor = {.address = address, .format = entry->format, .rank = entry->rank};
  memcpy(descriptor.extent, entry->extent, sizeof descriptor.extent);
  memcpy(descriptor.stride, entry->stride, sizeof descriptor.stride);
  const uint64_t step_stride = step_stride_of(builder, tensor);
  if (step_stride != 0) {
    descriptor.flags = DIXION_DESCRIPTOR_FLAG_PARAMETER_BASE;
    if (find_parameter(builder->schedule, step_stride, &descriptor.parameter) != STATUS_OK) {
      return builder_refuse(builder, STATUS_BAD_IMAGE, "more different step strides than parameter values", tensor);
    }
  }
  return descriptor_table_add(&builder->schedule->descriptors, &descriptor, index);
}

/* All tensors, then those in the ring once more for each load; room for source and destination of all loads. */
static status_t describe_all(builder_t* builder) {
  const uint32_t count = builder->image->tensor_count + 2 * builder->pinned_count + 3 * builder->load_count;
  status_t status = descriptor_table_init(&builder->schedule->descriptors, builder->memory, count);
  if (status == STATUS_BAD_ARGUMENT) {
    return builder_refuse(builder, STATUS_BAD_IMAGE, "more tensors and loads than descriptors can be named",
                          DIXION_IMAGE_NONE);
  }
  uint16_t index;
  for (uint32_t i = 0; i < builder->image->tensor_count && status == STATUS_OK; ++i) {
    status = describe(builder, i, builder_address(builder, i), &index);
  }
  for (uint32_t i = 0; i < builder->load_count && status == STATUS_OK; ++i) {
    load_t* load = &builder->loads[i];
    status = describe(builder, load->tensor, load->place.begin, &load->descriptor);
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
                       .operators = image_operators(image),
                       .capabilities = capabilities,
                       .memory = memory,
                       .problem = problem};
  if (capabilities->dma_channels == 0 || capabilities->dma_channels > LIST_MAX_DMA_CHANNELS ||
      capabilities->semaphores < LIST_SEMAPHORE(LIST_UNIT_DMA0 + capabilities->dma_channels)) {
    return builder_refuse(&builder, STATUS_BAD_IMAGE, "the accelerator has no DMA channels or too few semaphores",
                          DIXION_IMAGE_NONE);
  }
  status = placement_make(&builder);
  if (status == STATUS_OK) status = prefetch_plan(&builder);
  if (status == STATUS_OK) status = describe_all(&builder);
  if (status == STATUS_OK) status = lists_build(&builder);
  if (status == STATUS_NO_MEMORY && problem->what == NULL) {
    return builder_refuse_memory(&builder, "DRAM has no room for the schedule's tables", DIXION_IMAGE_NONE,
                                 memory->refused);
  }
  if (status == STATUS_OK) schedule->output_address = builder_address(&builder, image->output_tensor);
  return status;
}

const command_list_t* schedule_list(const schedule_t* schedule, uint32_t phase, uint32_t step) {
  const uint32_t kind = phase == DIXION_PHASE_STEP ? step_kind_of(schedule->image, step) : 0;
  return &schedule->lists[schedule_list_number(phase, kind)];
}

void schedule_fill_parameters(const schedule_t* schedule, uint32_t phase, uint32_t step,
                              dixion_parameter_block_t* parameters) {
  const uint32_t tag_step = phase == DIXION_PHASE_STEP ? step : DIXION_TAG_STEP_NONE;
  parameters->tag_base = tag_step << DIXION_TAG_STEP_SHIFT;
  parameters->reserved = 0;
  for (uint32_t i = 0; i < DIXION_PARAMETER_VALUES; ++i) parameters->value[i] = step * schedule->step_strides[i];
}

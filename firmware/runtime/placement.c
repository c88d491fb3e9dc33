/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/runtime/placement.h"

#include "firmware/drivers/dixion_port.h"
#include "firmware/runtime/prefetch.h"

#define SMALL_WEIGHTS_SHARE 8u /* part of the global buffer */

/* What is noted of a root. */
#define TOUCHED_BY_REUSE 1u  /* by operators of some kinds of steps */
#define TOUCHED_BY_OTHERS 2u /* by operators of all steps, or outside steps */

static bool is_root(const dixion_image_tensor_t* tensor) { return tensor->parent == DIXION_IMAGE_NONE; }

/* May be held by the global buffer. */
static bool is_weight(const dixion_image_tensor_t* tensor) {
  return is_root(tensor) && tensor->resident != 0 && tensor->lifetime == DIXION_LIFETIME_DATA &&
         tensor->step_stride == 0 && tensor->size <= BUILDER_MAX_COPY;
}

/* Holds weights from *next on, smallest first, as far as `end`. */
static void pin_weights(builder_t* builder, uint64_t* next, uint64_t end) {
  bool larger = true;
  for (uint64_t most = LAYOUT_ALIGNMENT; larger; most *= 2) {
    larger = false;
    for (uint32_t i = 0; i < builder->image->tensor_count; ++i) {
      if (builder->pinned[i] || !is_weight(&builder->tensors[i])) continue;
      const uint64_t size = LAYOUT_ALIGNED(builder->tensors[i].size);
      larger = larger || size > most;
      if (size > most || size > end - *next) continue;
      builder->pinned[i] = true;
      ++builder->pinned_count;
      builder->schedule->addresses[i] = *next;
      builder->schedule->resident_bytes += size;
      *next += size;
    }
  }
}

/* Lives for the whole run, whatever operators do. */
static bool is_lasting(const dixion_image_tensor_t* tensor) {
  return is_root(tensor) && (tensor->lifetime == DIXION_LIFETIME_RUN || tensor->lifetime == DIXION_LIFETIME_OUTPUT);
}

/* Lasting, and not held by the global buffer. */
static bool lasts_in_dram(const builder_t* builder, uint32_t index) {
  return is_lasting(&builder->tensors[index]) && builder->schedule->addresses[index] < DIXION_GLOBAL_BUFFER_BASE;
}

/* Holds what steps keep for later ones from *next on, in the order of the image, as far as `end`. */
static void hold_caches(builder_t* builder, uint64_t* next, uint64_t end) {
  for (uint32_t i = 0; i < builder->image->tensor_count; ++i) {
    const dixion_image_tensor_t* tensor = &builder->tensors[i];
    const uint64_t size = LAYOUT_ALIGNED(tensor->size);
    if (!is_root(tensor) || tensor->lifetime != DIXION_LIFETIME_RUN || tensor->resident == 0) continue;
    if (size > end - *next) continue;
    builder->schedule->addresses[i] = *next;
    builder->schedule->cache_bytes += size;
    *next += size;
  }
}

static void note_touches(builder_t* builder) {
  for (uint32_t i = 0; i < builder->image->operator_count; ++i) {
    const dixion_image_operator_t* entry = &builder->operators[i];
    const bool reuse = entry->phase == DIXION_PHASE_STEP && entry->step_kinds != 0;
    for (uint32_t k = 0; k < DIXION_MAX_OPERANDS; ++k) {
      if (entry->operands[k] == DIXION_IMAGE_NONE) continue;
      builder->touched[image_root(builder->image, entry->operands[k])] |= reuse ? TOUCHED_BY_REUSE : TOUCHED_BY_OTHERS;
    }
  }
}

/* Holds what techniques keep from step to step (masks, partial sums, schedules) as far as there is room. */
static void hold_state(builder_t* builder, uint64_t* next, uint64_t end) {
  for (uint32_t i = 0; i < builder->image->tensor_count; ++i) {
    const uint64_t size = LAYOUT_ALIGNED(builder->tensors[i].size);
    const bool state = is_root(&builder->tensors[i]) && builder->tensors[i].lifetime == DIXION_LIFETIME_RUN &&
                       builder->tensors[i].resident == 0 && builder->touched[i] == TOUCHED_BY_REUSE;
    if (!state || size > end - *next) continue;
    builder->schedule->addresses[i] = *next;
    builder->schedule->cache_bytes += size;
    *next += size;
  }
}

static void place_in_global_buffer(builder_t* builder) {
  schedule_t* schedule = builder->schedule;
  uint64_t next = DIXION_GLOBAL_BUFFER_BASE;
  const uint64_t size = builder->capabilities->global_buffer_bytes & ~(uint64_t)(LAYOUT_ALIGNMENT - 1u);
  const uint64_t end = next + size;
  for (uint32_t i = 0; i < builder->image->tensor_count; ++i) {
    if (is_weight(&builder->tensors[i])) schedule->weight_bytes += LAYOUT_ALIGNED(builder->tensors[i].size);
  }
  const bool all_fit = schedule->weight_bytes <= size;
  pin_weights(builder, &next, all_fit ? end : next + size / SMALL_WEIGHTS_SHARE);
  if (!all_fit) {
    builder->ring = (span_t){.begin = next, .end = next + prefetch_ring_bytes(builder, size)};
    next = builder->ring.end;
  }
  const uint64_t top = layout_place(&builder->layout, LAYOUT_GLOBAL_BUFFER, true, next, end);
  schedule->ring_bytes = builder->ring.end - builder->ring.begin;
  schedule->activation_bytes = top - next;
  next = top;
  hold_caches(builder, &next, end);
  if (all_fit) {
    hold_state(builder, &next, end);
  } else {
    pin_weights(builder, &next, end);
  }
  for (uint32_t i = 0; i < builder->layout.count; ++i) {
    const lifetime_t* lifetime = &builder->layout.lifetimes[i];
    if (lifetime->memory == LAYOUT_GLOBAL_BUFFER) schedule->addresses[lifetime->tensor] = lifetime->offset;
  }
}

/* The first tensor that [0, room) does not hold. */
static uint32_t first_outside(const builder_t* builder, uint64_t room) {
  uint32_t first = DIXION_IMAGE_NONE;
  for (uint32_t i = 0; i < builder->image->tensor_count; ++i) {
    if (lasts_in_dram(builder, i) &&
        builder->schedule->addresses[i] + LAYOUT_ALIGNED(builder->tensors[i].size) > room) {
      return i;
    }
  }
  for (uint32_t i = builder->layout.count; i-- > 0;) {
    const lifetime_t* lifetime = &builder->layout.lifetimes[i];
    if (lifetime->memory != LAYOUT_GLOBAL_BUFFER && lifetime->offset + lifetime->size > room) first = lifetime->tensor;
  }
  return first;
}

static status_t place_in_dram(builder_t* builder) {
  schedule_t* schedule = builder->schedule;
  uint64_t next = 0;
  for (uint32_t i = 0; i < builder->image->tensor_count; ++i) {
    const uint64_t size = LAYOUT_ALIGNED(builder->tensors[i].size);
    if (!is_root(&builder->tensors[i]) || builder_is_data(builder, i)) continue;
    schedule->unshared_bytes += size;
    if (!lasts_in_dram(builder, i)) continue;
    schedule->addresses[i] = next;
    next += size;
  }
  for (uint32_t i = 0; i < builder->layout.count; ++i) {
    lifetime_t* lifetime = &builder->layout.lifetimes[i];
    if (lifetime->memory != LAYOUT_WHOLE_RUN || lifetime->later) continue;
    lifetime->offset = next;
    next += lifetime->size;
  }
  schedule->dram_bytes = layout_place(&builder->layout, LAYOUT_DRAM, false, next, UINT64_MAX);

  void* scratch;
  const status_t status = bump_allocate(builder->memory, schedule->dram_bytes, LAYOUT_ALIGNMENT, &scratch);
  if (status != STATUS_OK) {
    const uint64_t room = bump_left_aligned(builder->memory, LAYOUT_ALIGNMENT);
    return builder_refuse_memory(builder, "DRAM has no room for tensor", first_outside(builder, room),
                                 schedule->dram_bytes);
  }
  schedule->scratch_address = physical_address(scratch);
  for (uint32_t i = 0; i < builder->image->tensor_count; ++i) {
    if (lasts_in_dram(builder, i)) schedule->addresses[i] += schedule->scratch_address;
  }
  for (uint32_t i = 0; i < builder->layout.count; ++i) {
    const lifetime_t* lifetime = &builder->layout.lifetimes[i];
    if (lifetime->memory == LAYOUT_GLOBAL_BUFFER || lifetime->later) continue;
    schedule->addresses[lifetime->tensor] = schedule->scratch_address + lifetime->offset;
  }
  return STATUS_OK;
}

status_t placement_make(builder_t* builder) {
  const uint32_t count = builder->image->tensor_count;
  void *addresses, *pinned, *touched;
  status_t status = bump_allocate_zeroed(builder->memory, count * sizeof(uint64_t), LAYOUT_ALIGNMENT, &addresses);
  if (status == STATUS_OK) {
    status = bump_allocate_zeroed(builder->memory, count * sizeof(bool), LAYOUT_ALIGNMENT, &pinned);
  }
  if (status == STATUS_OK) status = bump_allocate_zeroed(builder->memory, count, LAYOUT_ALIGNMENT, &touched);
  if (status == STATUS_OK) status = layout_init(&builder->layout, builder->image, builder->memory);
  if (status != STATUS_OK) return status;
  builder->schedule->addresses = addresses;
  builder->pinned = pinned;
  builder->touched = touched;
  note_touches(builder);
  for (uint32_t i = 0; i < count; ++i) {
    if (is_root(&builder->tensors[i]) && builder_is_data(builder, i)) {
      builder->schedule->addresses[i] = physical_address(builder->image) + builder->tensors[i].offset;
    }
  }
  place_in_global_buffer(builder);
  return place_in_dram(builder);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What only building a schedule needs. The order: placement.h, prefetch.h, then descriptors (schedule.c), lists.h. */
#ifndef DIXION_FIRMWARE_RUNTIME_BUILDER_H
#define DIXION_FIRMWARE_RUNTIME_BUILDER_H

#include "firmware/runtime/dependencies.h"
#include "firmware/runtime/layout.h"
#include "firmware/runtime/schedule.h"

#define BUILDER_MAX_COPY 0x7fffffffu /* bytes of one load: a tensor's extent is below 2^31 */

/* Bytes that an operator of the step reads from a place in the ring, copied there before. */
typedef struct load {
  span_t place;        /* in the global buffer */
  span_t copy_place;   /* of what is copied: the place, or more that later operators read too */
  uint32_t copied;     /* tensor that is copied: the operand, or the one it is a view of */
  bool shared;         /* an earlier load copies it */
  uint32_t operator_;  /* the one that reads */
  uint32_t tensor;     /* operand, a view perhaps */
  uint32_t turn;       /* of the operator among those that read from the ring */
  uint16_t descriptor; /* of the operand in its place */
  uint16_t copy[2];    /* of the bytes in the image and in their place, for all lists; 0: not made yet */
} load_t;

typedef struct builder {
  schedule_t* schedule;
  const dixion_image_header_t* image;
  const dixion_image_tensor_t* tensors;
  const dixion_image_operator_t* operators;
  const accel_capabilities_t* capabilities;
  bump_t* memory;
  image_problem_t* problem;

  bool* pinned; /* [tensor]: DATA, no view, held by the global buffer for the whole run */
  uint32_t pinned_count;
  uint8_t* touched; /* [tensor]: placement's notes on roots */
  layout_t layout;
  span_t ring;
  load_t* loads; /* in the order of the operators */
  uint32_t load_count;
  dependencies_t dependencies;
  uint32_t next_channel; /* DMA channels take turns */
} builder_t;

/* Fills *builder->problem; returns `status`. */
static inline status_t builder_refuse(builder_t* builder, status_t status, const char* what, uint32_t index) {
  *builder->problem = (image_problem_t){.what = what, .index = index};
  return status;
}

/* The same for an allocation of `needed` bytes that failed. */
static inline status_t builder_refuse_memory(builder_t* builder, const char* what, uint32_t index, uint64_t needed) {
  const uint64_t there = bump_left_aligned(builder->memory, LAYOUT_ALIGNMENT);
  *builder->problem = (image_problem_t){.what = what, .index = index, .needed = needed, .there = there};
  return STATUS_NO_MEMORY;
}

/* What tensor `index` holds stands in the image. */
static inline bool builder_is_data(const builder_t* builder, uint32_t index) {
  return builder->tensors[index].lifetime == DIXION_LIFETIME_DATA;
}

/* Where the device finds tensor `index`, a view or not, outside the ring. */
static inline uint64_t builder_address(const builder_t* builder, uint32_t index) {
  const uint64_t root = builder->schedule->addresses[image_root(builder->image, index)];
  return builder->tensors[index].parent == DIXION_IMAGE_NONE ? root : root + builder->tensors[index].offset;
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Access to a packed workload (image_format.h) and the check that it can be trusted. */
#ifndef DIXION_FIRMWARE_RUNTIME_IMAGE_H
#define DIXION_FIRMWARE_RUNTIME_IMAGE_H

#include <stdint.h>

#include "firmware/lib/status.h"
#include "firmware/runtime/image_format.h"

/* What is wrong, for people. */
typedef struct image_problem {
  const char* what; /* null: nothing */
  uint32_t index;   /* of the tensor or operator, or DIXION_IMAGE_NONE */
  uint64_t needed;  /* bytes, and bytes there were, where memory is short; else 0 */
  uint64_t there;
} image_problem_t;

/* Checks header, checksum and both tables against each other and against `size`, the bytes of address space that the
 * image has. Tensor data is never looked at. STATUS_BAD_IMAGE fills *problem. */
MUST_USE status_t image_check(const dixion_image_header_t* image, uint64_t size, image_problem_t* problem);

static inline const dixion_image_tensor_t* image_tensors(const dixion_image_header_t* image) {
  return (const dixion_image_tensor_t*)(const void*)((const uint8_t*)image + image->tensors_offset);
}
static inline const dixion_image_operator_t* image_operators(const dixion_image_header_t* image) {
  return (const dixion_image_operator_t*)(const void*)((const uint8_t*)image + image->operators_offset);
}

/* The tensor whose memory `tensor` lies in: itself, or its parent. */
static inline uint32_t image_root(const dixion_image_header_t* image, uint32_t tensor) {
  const uint32_t parent = image_tensors(image)[tensor].parent;
  return parent == DIXION_IMAGE_NONE ? tensor : parent;
}

#endif

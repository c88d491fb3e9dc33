/* SPDX-License-Identifier: Apache-2.0 */
/* Which kind of step a denoising step is, and which operators run in it. Each technique says its part. */
#ifndef DIXION_FIRMWARE_RUNTIME_STEP_KIND_H
#define DIXION_FIRMWARE_RUNTIME_STEP_KIND_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/runtime/image_format.h"
#include "firmware/runtime/softmax_thresholding.h"

#define STEP_KINDS_ALL ((1u << DIXION_STEP_KINDS) - 1u)

static inline uint32_t step_kind_of(const dixion_image_header_t* image, uint32_t step) {
  return st_reuses_masks(&image->st, step) ? DIXION_STEP_KIND_ST : 0;
}

/* Bit k: the run has steps of kind k. */
static inline uint32_t step_kinds_of_run(const dixion_image_header_t* image) {
  uint32_t kinds = 0;
  for (uint32_t step = 0; step < image->steps; ++step) kinds |= 1u << step_kind_of(image, step);
  return kinds;
}

/* Bit k: the operator, one of the step, runs in steps of kind k. */
static inline uint32_t step_kinds_of_operator(const dixion_image_operator_t* entry) {
  return entry->step_kinds == 0 ? STEP_KINDS_ALL : entry->step_kinds;
}

static inline bool step_kind_runs(const dixion_image_operator_t* entry, uint32_t kind) {
  return (step_kinds_of_operator(entry) >> kind & 1u) != 0;
}

#endif

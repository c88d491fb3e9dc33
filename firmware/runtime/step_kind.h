/* SPDX-License-Identifier: Apache-2.0 */
/* Which kind of step a denoising step is, and which operators run in it. Each technique says its part. */
#ifndef DIXION_FIRMWARE_RUNTIME_STEP_KIND_H
#define DIXION_FIRMWARE_RUNTIME_STEP_KIND_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/runtime/image_format.h"
#include "firmware/runtime/reuse.h"

#define STEP_KINDS_ALL ((1u << DIXION_STEP_KINDS) - 1u)

/* A step that refreshes all tokens refreshes the partial sums of the feed-forward networks too. */
static inline uint32_t step_kind_of(const dixion_image_header_t* image, uint32_t step) {
  const bool refreshes = image->ctr.first_steps != 0 && !reuse_in_step(&image->ctr, step, image->steps);
  uint32_t kind = 0;
  if (reuse_in_step(&image->st, step, image->steps)) kind |= DIXION_STEP_KIND_ST;
  if (reuse_in_step(&image->ctr, step, image->steps)) kind |= DIXION_STEP_KIND_CTR;
  if (!refreshes && reuse_in_step(&image->ffn, step, image->steps)) kind |= DIXION_STEP_KIND_FFN;
  return kind;
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

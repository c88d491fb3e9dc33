/* SPDX-License-Identifier: Apache-2.0 */
/* From a packed workload to what the accelerator replays: memory for every tensor (placement.h), a descriptor for each,
 * and command lists: once, at the end, and one for each kind of step (step_kind.h, lists.h). Looks at shapes and
 * operators only, never at tensor data. */
#ifndef DIXION_FIRMWARE_RUNTIME_SCHEDULE_H
#define DIXION_FIRMWARE_RUNTIME_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/drivers/accel.h"
#include "firmware/lib/bump.h"
#include "firmware/runtime/commands.h"
#include "firmware/runtime/descriptors.h"
#include "firmware/runtime/image.h"
#include "models/abi/tag.h"

#define SCHEDULE_PHASES 3u
#define SCHEDULE_LISTS (SCHEDULE_PHASES - 1u + DIXION_STEP_KINDS)
/* Operator numbers in tags of work that no operator of the graph asked for. */
#define SCHEDULE_OPERATOR_CALL ((1u << DIXION_TAG_OPERATOR_BITS) - 1u)
#define SCHEDULE_OPERATOR_LOAD ((1u << DIXION_TAG_OPERATOR_BITS) - 2u) /* copies weights to the global buffer */
#define SCHEDULE_MAX_OPERATORS SCHEDULE_OPERATOR_LOAD

typedef struct schedule {
  const dixion_image_header_t* image;
  uint32_t dma_channels;
  uint64_t* addresses;                            /* [tensor]: where the device finds a tensor that is no view */
  descriptor_table_t descriptors;                 /* tensor t has descriptor t + 1; in the ring it has others */
  command_list_t lists[SCHEDULE_LISTS];           /* [schedule_list_number()]; empty: not needed */
  uint64_t step_strides[DIXION_PARAMETER_VALUES]; /* parameter value i is step * step_strides[i] */
  uint32_t step_stride_count;
  uint64_t output_address;

  /* Where everything went, in bytes, each tensor rounded up to 64. */
  uint64_t weight_bytes;     /* all weights that are read in every step */
  uint64_t resident_bytes;   /* those that the global buffer holds for the whole run */
  uint64_t ring_bytes;       /* of the global buffer, for the others; 0 if all are resident */
  uint64_t activation_bytes; /* of the global buffer, shared by scratch tensors */
  uint64_t cache_bytes;      /* of the global buffer, for what steps keep for later ones */
  uint64_t scratch_address;  /* DRAM, shared by all other scratch */
  uint64_t dram_bytes;
  uint64_t unshared_bytes; /* what all scratch would take with memory of its own for each tensor */
  uint32_t most_accesses;  /* that were tracked at a time: what building cost */
} schedule_t;

/* Checks the image of at most `size` bytes and builds everything in `memory`. STATUS_BAD_IMAGE, STATUS_NO_MEMORY;
 * *problem then says what is wrong. */
MUST_USE status_t schedule_build(schedule_t* schedule, const dixion_image_header_t* image, uint64_t size,
                                 const accel_capabilities_t* capabilities, bump_t* memory, image_problem_t* problem);

/* Place among the lists. `kind` is that of a step, 0 in other phases. */
static inline uint32_t schedule_list_number(uint32_t phase, uint32_t kind) {
  return kind == 0 ? phase : SCHEDULE_PHASES - 1u + kind;
}

/* The list that `phase` plays; in DIXION_PHASE_STEP it is that of denoising step `step`. */
const command_list_t* schedule_list(const schedule_t* schedule, uint32_t phase, uint32_t step);

/* Fills the parameter block of a CALL of `phase` in denoising step `step`; semaphore_base is the caller's. */
void schedule_fill_parameters(const schedule_t* schedule, uint32_t phase, uint32_t step,
                              dixion_parameter_block_t* parameters);

#endif

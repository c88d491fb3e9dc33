/* SPDX-License-Identifier: Apache-2.0 */
/* A packed workload as the firmware finds it in memory: flat structs, little-endian, all offsets from the image's
 * first byte. The packer (traces/image) resolves shapes, scales and schedules' constants; the firmware allocates, builds descriptors
 * and command lists, and never looks at tensor data. The tables (header, operators, tensors) come first, then all data: who
 * runs without data places the tables only. Grows only at the end; VERSION changes when a field changes meaning. */
#ifndef DIXION_FIRMWARE_RUNTIME_IMAGE_FORMAT_H
#define DIXION_FIRMWARE_RUNTIME_IMAGE_FORMAT_H

#include <assert.h>
#include <stdint.h>

#define DIXION_IMAGE_MAGIC 0x49575844u /* "DXWI", first letter in the low byte */
#define DIXION_IMAGE_VERSION 3u
#define DIXION_IMAGE_ALIGNMENT 4096u /* of the image itself; tensor data inside is aligned to 64 bytes */
#define DIXION_IMAGE_NONE 0xffffffffu /* no tensor, no parent */
#define DIXION_IMAGE_SPLIT_AUTO 3u   /* the firmware chooses how cores share the operator */

/* How long a tensor's content is needed. */
enum dixion_lifetime {
  DIXION_LIFETIME_DATA = 0,   /* content is in the image: weights, tables, inputs; never written */
  DIXION_LIFETIME_STEP = 1,   /* scratch inside one denoising step */
  DIXION_LIFETIME_RUN = 2,    /* written once or carried from step to step: latent, caches, once-per-run results */
  DIXION_LIFETIME_OUTPUT = 3, /* like RUN, and read by the platform when the run has ended */
};

/* When an operator runs. Operators stand in an order that is correct when run one after another. */
enum dixion_phase {
  DIXION_PHASE_ONCE = 0,   /* before the first step */
  DIXION_PHASE_STEP = 1,   /* in every step */
  DIXION_PHASE_FINISH = 2, /* after the last step */
};

/* Steps are of kinds: a kind is a set of techniques that reuse in this step what an earlier one found. Without
 * techniques all steps are of kind 0. */
#define DIXION_STEP_KINDS 8u /* kinds 0 to 7 */
#define DIXION_STEP_KIND_ST 1u  /* attention under the masks of an earlier step */
#define DIXION_STEP_KIND_CTR 2u /* active tokens only, the others as cached */
#define DIXION_STEP_KIND_FFN 4u /* feed-forward networks add to earlier partial sums */

typedef struct dixion_image_tensor {
  uint64_t offset;      /* DATA: from the image's start. View (parent set): from the parent's first byte. Else 0 */
  uint64_t size;        /* bytes to allocate, all rows of a step table; a view's span */
  uint64_t stride[4];   /* bytes */
  uint64_t step_stride; /* bytes added per denoising step: tables with a row per step; else 0. DATA (or views of it) only */
  uint32_t extent[4];   /* unused ones are 0 */
  uint32_t parent;      /* index of the tensor this is a view of (itself no view), or DIXION_IMAGE_NONE */
  uint8_t format;       /* DIXION_FORMAT_* */
  uint8_t rank;         /* 1 to 4 */
  uint8_t lifetime;     /* DIXION_LIFETIME_* (a view has its parent's) */
  uint8_t resident;     /* 1: read in every step, worth a place in the global buffer (DATA without step_stride, or RUN) */
} dixion_image_tensor_t;
static_assert(sizeof(dixion_image_tensor_t) == 80, "tensor table stride");

typedef struct dixion_image_operator {
  uint32_t operands[12];  /* tensor indices in the opcode's operand order, the last one a row list; or DIXION_IMAGE_NONE */
  uint32_t immediates[4]; /* as the opcode says */
  uint8_t opcode;         /* DIXION_OPCODE_* */
  uint8_t phase;          /* DIXION_PHASE_* */
  uint8_t split;          /* DIXION_SPLIT_* or DIXION_IMAGE_SPLIT_AUTO */
  uint8_t layer;          /* for the tag; DIXION_TAG_LAYER_NONE outside layers */
  uint32_t step_kinds;    /* STEP only: bit k means it runs in steps of kind k; 0 means in all. Alternatives stand side by side */
  uint32_t reserved[2];   /* 0 */
} dixion_image_operator_t;
static_assert(sizeof(dixion_image_operator_t) == 80, "operator table stride");

/* When a technique reuses: softmax thresholding masks, cached token reuse tokens, FFN-Reuse partial sums. Operators with
 * its DIXION_STEP_KIND_ bit run in steps that reuse, their alternatives in dense steps, which make what is reused.
 * Thresholds are immediates, which layers take part is a matter of operators. */
typedef struct dixion_image_reuse {
  uint16_t first_steps; /* so many steps at the start are dense; 0: the technique is off */
  uint16_t dense_every; /* behind the last of them, every so many-th step is; 0: none */
  uint16_t last_dense;  /* 1: the run's last step is dense */
  uint16_t reserved;    /* 0 */
} dixion_image_reuse_t;
static_assert(sizeof(dixion_image_reuse_t) == 8, "technique settings");

/* What the firmware leaves for the platform. */
enum dixion_image_state {
  DIXION_IMAGE_STATE_PACKED = 0,   /* not yet seen by firmware */
  DIXION_IMAGE_STATE_RUNNING = 1,
  DIXION_IMAGE_STATE_DONE = 2,     /* output is valid */
  DIXION_IMAGE_STATE_FAILED = 3,
};
typedef struct dixion_image_result {
  uint32_t state;           /* DIXION_IMAGE_STATE_*, written last */
  uint32_t steps_done;
  uint64_t output_address;  /* of the OUTPUT tensor */
  uint64_t start_cycle;     /* accel_cycles of the first command's start and the last one's end */
  uint64_t end_cycle;
} dixion_image_result_t;
static_assert(sizeof(dixion_image_result_t) == 32, "result record");

typedef struct dixion_image_header {
  uint32_t magic;
  uint32_t version;
  uint64_t size;              /* bytes of the whole image, data included even where only the tables are there */
  uint32_t checksum;          /* CRC-32 (IEEE) of bytes [192, data_offset): the tables */
  uint32_t operator_count;
  uint64_t operators_offset;  /* dixion_image_operator_t [operator_count] */
  uint32_t tensor_count;
  uint32_t steps;             /* denoising steps, 1 to 1023 */
  uint64_t tensors_offset;    /* dixion_image_tensor_t [tensor_count] */
  uint32_t samples;
  uint32_t branches;          /* 2 with guidance, else 1 */
  uint32_t output_tensor;     /* index of the OUTPUT tensor */
  uint32_t reserved0;         /* 0 */
  dixion_image_result_t result;
  uint64_t scratch_size;      /* bytes of STEP, RUN and OUTPUT tensors, each rounded up to 64, all live at once */
  uint64_t data_offset;       /* where tensor data begins, a multiple of 64; all tables lie before it */
  dixion_image_reuse_t st;
  dixion_image_reuse_t ctr;
  dixion_image_reuse_t ffn;
  uint64_t reserved1[7];      /* 0 */
} dixion_image_header_t;
static_assert(sizeof(dixion_image_header_t) == 192, "the checksum starts behind the header");

#endif

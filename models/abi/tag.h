/* SPDX-License-Identifier: Apache-2.0 */
/* The 32-bit tag of a command: denoising step, layer and operator, echoed in records, statistics and trace. */
#ifndef DIXION_ABI_TAG_H
#define DIXION_ABI_TAG_H

#include <stdint.h>

#define DIXION_TAG_STEP_SHIFT 22u      /* 10 bits */
#define DIXION_TAG_LAYER_SHIFT 14u     /* 8 bits */
#define DIXION_TAG_OPERATOR_BITS 14u   /* number of the operator in the workload's graph */
#define DIXION_TAG_LAYER_NONE 0xffu    /* an operator outside all layers */
#define DIXION_TAG_STEP_NONE 0x3ffu    /* work done once per run */

static inline uint32_t dixion_tag(uint32_t step, uint32_t layer, uint32_t operator_number) {
  return step << DIXION_TAG_STEP_SHIFT | layer << DIXION_TAG_LAYER_SHIFT | operator_number;
}
static inline uint32_t dixion_tag_step(uint32_t tag) { return tag >> DIXION_TAG_STEP_SHIFT; }
static inline uint32_t dixion_tag_layer(uint32_t tag) { return (tag >> DIXION_TAG_LAYER_SHIFT) & 0xffu; }
static inline uint32_t dixion_tag_operator(uint32_t tag) { return tag & ((1u << DIXION_TAG_OPERATOR_BITS) - 1u); }

#endif

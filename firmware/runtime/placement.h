/* SPDX-License-Identifier: Apache-2.0 */
/* Gives every tensor its memory.
 *
 * The global buffer, if all weights fit: weights | activations. Else: small weights | ring | activations | more
 * weights.
 *  - Weights are DATA tensors marked `resident`. Small ones (biases, factors) come first, smallest first, until an
 *    eighth of the buffer is taken; what activations leave over is filled in the same way.
 *  - The ring (prefetch.h) has three times the bytes that the hungriest operator reads from it, so that two neighbours
 *    never meet in it, at most half of the buffer.
 *  - Activations are STEP tensors, short lifetimes first (layout.h): most accesses per byte and time.
 * DRAM: RUN and OUTPUT tensors for the whole run, above them all other scratch, shared by lifetime. DATA stays in the
 * image. */
#ifndef DIXION_FIRMWARE_RUNTIME_PLACEMENT_H
#define DIXION_FIRMWARE_RUNTIME_PLACEMENT_H

#include "firmware/runtime/builder.h"

/* Fills the schedule's addresses and numbers, builder->pinned, layout and ring. STATUS_NO_MEMORY. */
MUST_USE status_t placement_make(builder_t* builder);

#endif

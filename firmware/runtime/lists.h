/* SPDX-License-Identifier: Apache-2.0 */
/* Writes the three command lists: the graph's operators in their order, loads of weights in between. */
#ifndef DIXION_FIRMWARE_RUNTIME_LISTS_H
#define DIXION_FIRMWARE_RUNTIME_LISTS_H

#include "firmware/runtime/builder.h"

/* All tensors have addresses and descriptors, the loads are planned. The first list begins with the pinned weights'
 * loads. With a ring, DMA channel 0 serves its loads alone if there are others. STATUS_NO_MEMORY. */
MUST_USE status_t lists_build(builder_t* builder);

#endif

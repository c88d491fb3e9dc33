/* SPDX-License-Identifier: Apache-2.0 */
/* The ring of weights in the global buffer, for networks whose weights do not fit it all at once: DMA copies what the
 * next operators read there while earlier ones run. One load per operator and operand in every step, one copy for loads
 * of the same bytes that follow each other closely; places follow each other around the ring. What does not fit half of the ring together stays in DRAM, where its operator reads it. */
#ifndef DIXION_FIRMWARE_RUNTIME_PREFETCH_H
#define DIXION_FIRMWARE_RUNTIME_PREFETCH_H

#include "firmware/runtime/builder.h"

/* Bytes that builder->ring should get of a global buffer of `buffer` bytes, a multiple of 64. Asks builder->pinned. */
uint64_t prefetch_ring_bytes(const builder_t* builder, uint64_t buffer);

/* Fills builder->loads but for their descriptors. builder->pinned and ring are decided. STATUS_NO_MEMORY. */
MUST_USE status_t prefetch_plan(builder_t* builder);

/* Load number `number` may stand before operator `operator_` in the list: no weight that is still to be read lies in
 * its place, and it is not too far ahead: what stands in a list in front of work keeps that work from being fetched. */
bool prefetch_due(const builder_t* builder, uint32_t number, uint32_t operator_);

#endif

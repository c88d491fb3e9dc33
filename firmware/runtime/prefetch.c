/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/runtime/prefetch.h"

#include "firmware/runtime/opcodes.h"

#define TURNS_AHEAD 2u /* operators that read from the ring */

/* Operand `index` of the operator may come from the ring. */
static bool is_loadable(const builder_t* builder, const dixion_image_operator_t* entry, uint32_t index) {
  const uint32_t tensor = entry->operands[index];
  if (tensor == DIXION_IMAGE_NONE || entry->phase != DIXION_PHASE_STEP) return false;
  const opcode_info_t* info = opcode_find(entry->opcode);
  if (info->unit == OPCODE_UNIT_DMA) return false; /* reads it only once */
  const uint32_t root = image_root(builder->image, tensor);
  if (builder->pinned[root] || builder->tensors[root].resident == 0 || !builder_is_data(builder, root)) return false;
  if (builder->tensors[root].step_stride != 0 || builder->tensors[tensor].step_stride != 0) return false;
  for (uint32_t i = 0; i < index; ++i) {
    if (entry->operands[i] == tensor) return false; /* the earlier operand's load serves both */
  }
  return builder->tensors[tensor].size <= BUILDER_MAX_COPY;
}

/* Bytes of a load, if the operator's loads up to it, `before` bytes, stay within `most` together; else 0. */
static uint64_t load_bytes(const builder_t* builder, const dixion_image_operator_t* entry, uint32_t index,
                           uint64_t before, uint64_t most) {
  if (!is_loadable(builder, entry, index)) return 0;
  const uint64_t size = LAYOUT_ALIGNED(builder->tensors[entry->operands[index]].size);
  return size <= most && before <= most - size ? size : 0;
}

uint64_t prefetch_ring_bytes(const builder_t* builder, uint64_t buffer) {
  uint64_t hungriest = 0;
  for (uint32_t i = 0; i < builder->image->operator_count; ++i) {
    uint64_t bytes = 0;
    for (uint32_t k = 0; k < DIXION_MAX_OPERANDS; ++k) {
      bytes += load_bytes(builder, &builder->operators[i], k, bytes, buffer / 4);
    }
    if (hungriest < bytes) hungriest = bytes;
  }
  const uint64_t half = buffer / 2 & ~(uint64_t)(LAYOUT_ALIGNMENT - 1u);
  return 3 * hungriest < half ? 3 * hungriest : half;
}

status_t prefetch_plan(builder_t* builder) {
  const uint64_t most = (builder->ring.end - builder->ring.begin) / 2;
  uint32_t loadable = 0;
  for (uint32_t i = 0; i < builder->image->operator_count && most > 0; ++i) {
    for (uint32_t k = 0; k < DIXION_MAX_OPERANDS; ++k) {
      loadable += load_bytes(builder, &builder->operators[i], k, 0, most) > 0 ? 1u : 0u;
    }
  }
  void* loads;
  const status_t status = bump_allocate(builder->memory, loadable * sizeof(load_t), LAYOUT_ALIGNMENT, &loads);
  if (status != STATUS_OK) return status;
  builder->loads = loads;
  uint64_t next = builder->ring.begin;
  uint32_t turn = 0;
  for (uint32_t i = 0; i < builder->image->operator_count && loadable > 0; ++i) {
    uint64_t bytes = 0;
    for (uint32_t k = 0; k < DIXION_MAX_OPERANDS; ++k) {
      const uint64_t size = load_bytes(builder, &builder->operators[i], k, bytes, most);
      if (size == 0) continue;
      bytes += size;
      if (size > builder->ring.end - next) next = builder->ring.begin;
      builder->loads[builder->load_count++] = (load_t){.place = {.begin = next, .end = next + size},
                                                       .operator_ = i,
                                                       .tensor = builder->operators[i].operands[k],
                                                       .turn = turn};
      next += size;
    }
    turn += bytes > 0 ? 1u : 0u;
  }
  return STATUS_OK;
}

bool prefetch_due(const builder_t* builder, uint32_t number, uint32_t operator_) {
  const load_t* load = &builder->loads[number];
  uint32_t waiting = number; /* the oldest load that is still to be read: what stands before has been */
  while (waiting > 0 && builder->loads[waiting - 1].operator_ >= operator_) --waiting;
  if (load->turn - builder->loads[waiting].turn > TURNS_AHEAD) return false;
  for (; waiting < number; ++waiting) {
    const span_t* other = &builder->loads[waiting].place;
    if (other->begin < load->place.end && load->place.begin < other->end) return false;
  }
  return true;
}

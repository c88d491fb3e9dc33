/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/runtime/prefetch.h"

#include "firmware/runtime/opcodes.h"
#include "firmware/runtime/step_kind.h"

#define TURNS_AHEAD 2u /* operators that read from the ring */
#define SHARE_SPAN 24u /* operators behind each other that may share a load */

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

/* Both stand in the same lists. */
static bool same_steps(const builder_t* builder, uint32_t a, uint32_t b) {
  return builder->operators[a].step_kinds == builder->operators[b].step_kinds;
}

/* What to copy for operand `index` of operator `number`: all of the tensor that it is a view of if an operator soon
 * behind it reads that. */
static uint32_t tensor_to_copy(const builder_t* builder, uint32_t number, uint32_t index) {
  const uint32_t tensor = builder->operators[number].operands[index];
  const uint32_t root = image_root(builder->image, tensor);
  if (root == tensor || builder->tensors[root].size > BUILDER_MAX_COPY) return tensor;
  const uint32_t count = builder->image->operator_count;
  for (uint32_t i = number + 1u; i < count && i - number <= SHARE_SPAN; ++i) {
    if (builder->operators[i].phase != DIXION_PHASE_STEP || !same_steps(builder, number, i)) continue;
    for (uint32_t k = 0; k < DIXION_MAX_OPERANDS; ++k) {
      if (builder->operators[i].operands[k] == root && is_loadable(builder, &builder->operators[i], k)) return root;
    }
  }
  return tensor;
}

/* The load whose copy operand `tensor` of operator `number` can read too, or null. */
static const load_t* find_copy(const builder_t* builder, uint32_t number, uint32_t tensor) {
  const uint32_t root = image_root(builder->image, tensor);
  for (uint32_t i = builder->load_count; i-- > 0 && number - builder->loads[i].operator_ <= SHARE_SPAN;) {
    const load_t* load = &builder->loads[i];
    if (load->shared || (load->copied != tensor && load->copied != root)) continue;
    if (!same_steps(builder, number, load->operator_)) continue;
    for (uint32_t k = i + 1u; k < builder->load_count; ++k) {
      const load_t* later = &builder->loads[k];
      const bool apart =
          later->copy_place.begin >= load->copy_place.end || load->copy_place.begin >= later->copy_place.end;
      const bool same = later->copied == load->copied && later->copy_place.begin == load->copy_place.begin;
      if (!later->shared && !apart && !same) return NULL; /* taken again already */
    }
    return load;
  }
  return NULL;
}

/* Where `tensor` lies in the copy. */
static span_t place_in(const builder_t* builder, const load_t* copy, uint32_t tensor) {
  const uint64_t offset = copy->copied == tensor ? 0 : builder->tensors[tensor].offset;
  const uint64_t begin = copy->copy_place.begin + offset;
  return (span_t){.begin = begin, .end = begin + builder->tensors[tensor].size};
}

/* The load of `tensor` for operator `number`, or null; it is among the newest. */
static const load_t* load_for(const builder_t* builder, uint32_t number, uint32_t tensor) {
  for (uint32_t i = builder->load_count; i > 0 && builder->loads[i - 1].operator_ >= number; --i) {
    const load_t* load = &builder->loads[i - 1];
    if (load->operator_ == number && load->tensor == tensor) return load->shared ? NULL : load;
  }
  return NULL;
}

/* Operator `number` runs in other kinds of steps than the one before it, which has loads of all it reads: they share
 * places and turn. */
static bool shares_places(const builder_t* builder, uint32_t number) {
  if (number == 0) return false;
  const dixion_image_operator_t* entry = &builder->operators[number];
  if ((step_kinds_of_operator(entry) & step_kinds_of_operator(entry - 1)) != 0) return false;
  bool shares = false;
  for (uint32_t k = 0; k < DIXION_MAX_OPERANDS; ++k) {
    if (!is_loadable(builder, entry, k) || find_copy(builder, number, entry->operands[k]) != NULL) continue;
    if (load_for(builder, number - 1, entry->operands[k]) == NULL) return false;
    shares = true;
  }
  return shares;
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

/* What operand `index` of operator `number` copies to the ring if it has `room` bytes. */
static uint32_t tensor_within(const builder_t* builder, uint32_t number, uint32_t index, uint64_t room) {
  const uint32_t copied = tensor_to_copy(builder, number, index);
  return LAYOUT_ALIGNED(builder->tensors[copied].size) <= room ? copied : builder->operators[number].operands[index];
}

/* No copy that operator `number` makes from `next` on falls on one that it shares: it could not come before the
 * operator. */
static bool copies_stay_apart(const builder_t* builder, uint32_t number, uint64_t most, uint64_t next) {
  const dixion_image_operator_t* entry = &builder->operators[number];
  uint64_t bytes = 0;
  for (uint32_t k = 0; k < DIXION_MAX_OPERANDS; ++k) {
    if (!is_loadable(builder, entry, k) || find_copy(builder, number, entry->operands[k]) != NULL) continue;
    const uint64_t size = LAYOUT_ALIGNED(builder->tensors[tensor_within(builder, number, k, most - bytes)].size);
    if (size > most - bytes) continue;
    bytes += size;
    if (size > builder->ring.end - next) next = builder->ring.begin;
    for (uint32_t other = 0; other < DIXION_MAX_OPERANDS; ++other) {
      if (!is_loadable(builder, entry, other)) continue;
      const load_t* copy = find_copy(builder, number, entry->operands[other]);
      if (copy != NULL && next < copy->copy_place.end && copy->copy_place.begin < next + size) return false;
    }
    next += size;
  }
  return true;
}

status_t prefetch_plan(builder_t* builder) {
  const uint64_t most = (builder->ring.end - builder->ring.begin) / 2;
  uint32_t loadable = 0;
  for (uint32_t i = 0; i < builder->image->operator_count && most > 0; ++i) {
    for (uint32_t k = 0; k < DIXION_MAX_OPERANDS; ++k) {
      loadable += is_loadable(builder, &builder->operators[i], k) ? 1u : 0u;
    }
  }
  void* loads;
  const status_t status = bump_allocate(builder->memory, loadable * sizeof(load_t), LAYOUT_ALIGNMENT, &loads);
  if (status != STATUS_OK) return status;
  builder->loads = loads;
  uint64_t next = builder->ring.begin;
  uint32_t turn = 0;
  for (uint32_t i = 0; i < builder->image->operator_count && loadable > 0; ++i) {
    const bool apart = copies_stay_apart(builder, i, most, next);
    const bool shares = apart && shares_places(builder, i);
    uint64_t bytes = 0;
    bool own_turn = false;
    for (uint32_t k = 0; k < DIXION_MAX_OPERANDS; ++k) {
      if (!is_loadable(builder, &builder->operators[i], k)) continue;
      const uint32_t tensor = builder->operators[i].operands[k];
      const load_t* copy = apart ? find_copy(builder, i, tensor) : NULL;
      if (copy != NULL) {
        load_t load = *copy;
        load.place = place_in(builder, copy, tensor);
        load.operator_ = i;
        load.tensor = tensor;
        load.shared = true;
        load.turn = turn;
        own_turn = true;
        builder->loads[builder->load_count++] = load;
        continue;
      }
      if (shares) {
        load_t load = *load_for(builder, i - 1, tensor);
        load.operator_ = i;
        builder->loads[builder->load_count++] = load;
        continue;
      }
      const uint32_t copied = tensor_within(builder, i, k, most - bytes);
      const uint64_t size = LAYOUT_ALIGNED(builder->tensors[copied].size);
      if (size > most - bytes) continue;
      bytes += size;
      own_turn = true;
      if (size > builder->ring.end - next) next = builder->ring.begin;
      load_t load = {.copy_place = {.begin = next, .end = next + size},
                     .copied = copied,
                     .operator_ = i,
                     .tensor = tensor,
                     .turn = turn};
      load.place = copied == tensor ? load.copy_place : place_in(builder, &load, tensor);
      builder->loads[builder->load_count++] = load;
      next += size;
    }
    turn += own_turn ? 1u : 0u;
  }
  return STATUS_OK;
}

bool prefetch_due(const builder_t* builder, uint32_t number, uint32_t operator_) {
  const load_t* load = &builder->loads[number];
  if (load->shared) return true;
  uint32_t waiting = number; /* the oldest load that is still to be read: what stands before has been */
  while (waiting > 0 && builder->loads[waiting - 1].operator_ >= operator_) --waiting;
  if (load->turn - builder->loads[waiting].turn > TURNS_AHEAD) return false;
  for (; waiting < number; ++waiting) {
    const span_t* other = &builder->loads[waiting].copy_place;
    if (builder->loads[waiting].turn == load->turn) continue; /* its own, or those of an alternative */
    if (other->begin < load->copy_place.end && load->copy_place.begin < other->end) return false;
  }
  return true;
}

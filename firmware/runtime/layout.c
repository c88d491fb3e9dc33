/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/runtime/layout.h"

#include "firmware/runtime/descriptors.h"
#include "firmware/runtime/opcodes.h"
#include "firmware/runtime/step_kind.h"
#include "models/abi/generated/commands.h"

/* Writing `view` leaves no byte of its root as it was: its elements lie side by side and are as many as the root's. */
static bool covers_root(const dixion_image_header_t* image, uint32_t view, uint32_t root) {
  const dixion_image_tensor_t* tensor = &image_tensors(image)[view];
  uint64_t covered = descriptor_element_size(tensor->format); /* by the dimensions looked at, the innermost first */
  uint32_t left = (1u << tensor->rank) - 1u;
  for (bool found = true; found && left != 0;) {
    found = false;
    for (uint32_t i = 0; i < tensor->rank; ++i) {
      if ((left & 1u << i) == 0 || (tensor->extent[i] != 1 && tensor->stride[i] != covered)) continue;
      left &= ~(1u << i);
      covered *= tensor->extent[i];
      found = true;
    }
  }
  return left == 0 && covered == image_tensors(image)[root].size;
}

/* In every kind of step, operator `number` or one of its alternatives right behind it writes `tensor`, and none of them
 * reads its root: whatever was there before is gone. */
static bool always_written(const dixion_image_header_t* image, uint32_t number, uint32_t tensor) {
  const dixion_image_operator_t* first = &image_operators(image)[number];
  if (first->phase != DIXION_PHASE_STEP) return true;
  uint32_t kinds = step_kinds_of_operator(first);
  for (uint32_t i = number + 1u; kinds != STEP_KINDS_ALL && i < image->operator_count; ++i) {
    const dixion_image_operator_t* next = &image_operators(image)[i];
    if (next->phase != DIXION_PHASE_STEP || (step_kinds_of_operator(next) & kinds) != 0) return false;
    bool written = false;
    for (uint32_t k = 0; k < DIXION_MAX_OPERANDS; ++k) {
      if (next->operands[k] == DIXION_IMAGE_NONE) continue;
      if (opcode_writes(opcode_find(next->opcode), k)) {
        written = written || next->operands[k] == tensor;
      } else if (image_root(image, next->operands[k]) == image_root(image, tensor)) {
        return false;
      }
    }
    if (!written) return false;
    kinds |= step_kinds_of_operator(next);
  }
  return kinds == STEP_KINDS_ALL;
}

/* Per tensor: 1 + index of its first and newest lifetime, or 0. */
typedef struct chain {
  uint32_t first;
  uint32_t newest;
} chain_t;

static void begin_lifetime(layout_t* layout, chain_t* chain, const dixion_image_header_t* image, uint32_t root,
                           uint32_t number) {
  layout->lifetimes[layout->count++] = (lifetime_t){.size = LAYOUT_ALIGNED(image_tensors(image)[root].size),
                                                    .tensor = root,
                                                    .first = number,
                                                    .last = number,
                                                    .later = chain->first != 0,
                                                    .phase = image_operators(image)[number].phase};
  if (chain->first == 0) {
    chain->first = layout->count;
  } else {
    layout->lifetimes[chain->newest - 1u].next = layout->count;
  }
  chain->newest = layout->count;
}

/* Operator `number` reads or writes a scratch tensor; what it reads comes first. */
static void touch(layout_t* layout, chain_t* chains, const dixion_image_header_t* image, uint32_t number,
                  uint32_t tensor, bool write) {
  const uint32_t root = image_root(image, tensor);
  chain_t* chain = &chains[root];
  const bool known = chain->first != 0;
  const bool in_place = known && layout->lifetimes[chain->newest - 1u].last == number;
  const bool fresh = write && always_written(image, number, tensor);
  if (!known || (fresh && !in_place && covers_root(image, tensor, root))) {
    begin_lifetime(layout, chain, image, root, number);
  }
  lifetime_t* first = &layout->lifetimes[chain->first - 1u];
  layout->lifetimes[chain->newest - 1u].last = number;
  const bool carries = !known && !fresh;
  if (carries || first->phase != image_operators(image)[number].phase) first->memory = LAYOUT_WHOLE_RUN;
}

static void find_lifetimes(layout_t* layout, chain_t* chains, const dixion_image_header_t* image) {
  for (uint32_t i = 0; i < image->operator_count; ++i) {
    const dixion_image_operator_t* entry = &image_operators(image)[i];
    const opcode_info_t* info = opcode_find(entry->opcode);
    for (uint32_t k = 0; k < 2u * DIXION_MAX_OPERANDS; ++k) {
      const bool write = k >= DIXION_MAX_OPERANDS; /* the outputs' turn comes last */
      const uint32_t operand = write ? k - DIXION_MAX_OPERANDS : k;
      if (opcode_writes(info, operand) != write) continue;
      const uint32_t tensor = entry->operands[operand];
      if (tensor == DIXION_IMAGE_NONE || image_tensors(image)[tensor].lifetime != DIXION_LIFETIME_STEP) continue;
      touch(layout, chains, image, i, tensor, write);
    }
  }
}

/* All of a tensor's lifetimes get what the one at `index`, its first, has. */
static void pass_on(layout_t* layout, uint32_t index) {
  const lifetime_t* first = &layout->lifetimes[index];
  for (uint32_t next = first->next; next != 0; next = layout->lifetimes[next - 1u].next) {
    layout->lifetimes[next - 1u].memory = first->memory;
    layout->lifetimes[next - 1u].offset = first->offset;
  }
}

status_t layout_init(layout_t* layout, const dixion_image_header_t* image, bump_t* memory) {
  uint32_t most = 0; /* each operand written begins one, and each tensor one by being touched */
  for (uint32_t i = 0; i < image->operator_count; ++i) {
    const opcode_info_t* info = opcode_find(image_operators(image)[i].opcode);
    for (uint32_t k = 0; k < DIXION_MAX_OPERANDS; ++k) most += opcode_writes(info, k) ? 1u : 0u;
  }
  for (uint32_t i = 0; i < image->tensor_count; ++i) {
    most += image_tensors(image)[i].lifetime == DIXION_LIFETIME_STEP ? 1u : 0u;
  }
  void *lifetimes, *chains;
  status_t status = bump_allocate(memory, most * sizeof(lifetime_t), LAYOUT_ALIGNMENT, &lifetimes);
  if (status == STATUS_OK) {
    status = bump_allocate_zeroed(memory, image->tensor_count * sizeof(chain_t), LAYOUT_ALIGNMENT, &chains);
  }
  if (status != STATUS_OK) return status;
  *layout = (layout_t){.lifetimes = lifetimes};
  find_lifetimes(layout, chains, image);
  for (uint32_t i = 0; i < layout->count; ++i) {
    if (!layout->lifetimes[i].later) pass_on(layout, i);
  }
  return STATUS_OK;
}

/* The lowest offset from `offset` on that keeps `wanted` clear of all in `memory` that live at the same time, none of
 * them longer than `longest` operators: only neighbours in the order of first operators can. */
static uint64_t find_gap(const layout_t* layout, uint32_t wanted, enum layout_memory memory, uint32_t longest,
                         uint64_t offset) {
  const lifetime_t* lifetime = &layout->lifetimes[wanted];
  uint32_t from = wanted;
  while (from > 0 && layout->lifetimes[from - 1u].first + longest > lifetime->first) --from;
  for (bool moved = true; moved;) {
    moved = false;
    for (uint32_t i = from; i < layout->count && layout->lifetimes[i].first <= lifetime->last; ++i) {
      const lifetime_t* other = &layout->lifetimes[i];
      if (other->memory != (uint8_t)memory || other->last < lifetime->first) continue;
      if (other->offset >= offset + lifetime->size || offset >= other->offset + other->size) continue;
      offset = other->offset + other->size; /* anywhere below it would meet this one */
      moved = true;
    }
  }
  return offset;
}

/* The same for all lifetimes of the tensor whose first is `index`. */
static uint64_t find_place(const layout_t* layout, uint32_t index, enum layout_memory memory, uint32_t longest,
                           uint64_t offset) {
  for (bool moved = true; moved;) {
    moved = false;
    for (uint32_t next = index + 1u; next != 0; next = layout->lifetimes[next - 1u].next) {
      const uint64_t gap = find_gap(layout, next - 1u, memory, longest, offset);
      moved = moved || (gap != offset && next != index + 1u); /* earlier ones must be asked again */
      offset = gap;
    }
  }
  return offset;
}

static bool lives_longer(const layout_t* layout, uint32_t index, uint32_t operators) {
  for (uint32_t next = index + 1u; next != 0; next = layout->lifetimes[next - 1u].next) {
    if (layout->lifetimes[next - 1u].last - layout->lifetimes[next - 1u].first >= operators) return true;
  }
  return false;
}

uint64_t layout_place(layout_t* layout, enum layout_memory memory, bool steps_only, uint64_t begin, uint64_t end) {
  uint64_t top = begin;
  bool longer = true;
  for (uint32_t longest = 1; longer; longest *= 2) {
    longer = false;
    for (uint32_t i = 0; i < layout->count; ++i) {
      lifetime_t* lifetime = &layout->lifetimes[i];
      if (lifetime->later || lifetime->memory != LAYOUT_NOWHERE) continue;
      if (steps_only && lifetime->phase != DIXION_PHASE_STEP) continue;
      if (lives_longer(layout, i, longest)) {
        longer = true;
        continue;
      }
      if (lifetime->size > end - begin) continue;
      const uint64_t offset = find_place(layout, i, memory, longest, begin);
      if (offset > end - lifetime->size) continue;
      lifetime->offset = offset;
      lifetime->memory = (uint8_t)memory;
      pass_on(layout, i);
      if (top < offset + lifetime->size) top = offset + lifetime->size;
    }
  }
  return top;
}

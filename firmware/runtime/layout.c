/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/runtime/layout.h"

#include "firmware/runtime/opcodes.h"
#include "models/abi/generated/commands.h"

/* Operator `number` touches tensor `root`, which is known as lifetime `slot`, or not yet. */
static void touch(layout_t* layout, uint32_t* slot, uint32_t root, const dixion_image_header_t* image, uint32_t number,
                  bool write) {
  const dixion_image_operator_t* entry = &image_operators(image)[number];
  if (*slot == 0) {
    layout->lifetimes[layout->count] = (lifetime_t){.size = LAYOUT_ALIGNED(image_tensors(image)[root].size),
                                                    .tensor = root,
                                                    .first = number,
                                                    .phase = entry->phase};
    *slot = ++layout->count;
  }
  lifetime_t* lifetime = &layout->lifetimes[*slot - 1u];
  lifetime->last = number;
  if (lifetime->phase != entry->phase || (!write && lifetime->first == number)) lifetime->memory = LAYOUT_WHOLE_RUN;
}

status_t layout_init(layout_t* layout, const dixion_image_header_t* image, bump_t* memory) {
  uint32_t scratch = 0;
  for (uint32_t i = 0; i < image->tensor_count; ++i) {
    scratch += image_tensors(image)[i].lifetime == DIXION_LIFETIME_STEP ? 1u : 0u;
  }
  void *lifetimes, *slots;
  status_t status = bump_allocate(memory, scratch * sizeof(lifetime_t), LAYOUT_ALIGNMENT, &lifetimes);
  if (status == STATUS_OK) {
    status = bump_allocate_zeroed(memory, image->tensor_count * sizeof(uint32_t), LAYOUT_ALIGNMENT, &slots);
  }
  if (status != STATUS_OK) return status;
  *layout = (layout_t){.lifetimes = lifetimes};
  uint32_t* slot_of = slots; /* [tensor]: 1 + index of its lifetime, or 0 */
  for (uint32_t i = 0; i < image->operator_count; ++i) {
    const dixion_image_operator_t* entry = &image_operators(image)[i];
    const uint32_t output = opcode_find(entry->opcode)->output;
    for (uint32_t k = 0; k < DIXION_MAX_OPERANDS; ++k) {
      if (entry->operands[k] == DIXION_IMAGE_NONE) continue;
      const uint32_t root = image_root(image, entry->operands[k]);
      if (image_tensors(image)[root].lifetime == DIXION_LIFETIME_STEP) {
        touch(layout, &slot_of[root], root, image, i, k == output);
      }
    }
  }
  return STATUS_OK;
}

/* The lowest offset from `begin` for number `index` among those placed in `memory`, none of which lives longer than
 * `longest` operators: only neighbours in the order of first operators can live at the same time. */
static uint64_t find_gap(const layout_t* layout, uint32_t index, enum layout_memory memory, uint32_t longest,
                         uint64_t begin) {
  const lifetime_t* wanted = &layout->lifetimes[index];
  uint32_t from = index;
  while (from > 0 && layout->lifetimes[from - 1u].first + longest > wanted->first) --from;
  uint64_t offset = begin;
  for (bool moved = true; moved;) {
    moved = false;
    for (uint32_t i = from; i < layout->count && layout->lifetimes[i].first <= wanted->last; ++i) {
      const lifetime_t* other = &layout->lifetimes[i];
      if (other->memory != (uint8_t)memory || other->last < wanted->first) continue;
      if (other->offset >= offset + wanted->size || offset >= other->offset + other->size) continue;
      offset = other->offset + other->size; /* below that it would meet this one wherever it lay */
      moved = true;
    }
  }
  return offset;
}

uint64_t layout_place(layout_t* layout, enum layout_memory memory, bool steps_only, uint64_t begin, uint64_t end) {
  uint64_t top = begin;
  bool longer = true;
  for (uint32_t longest = 1; longer; longest *= 2) {
    longer = false;
    for (uint32_t i = 0; i < layout->count; ++i) {
      lifetime_t* lifetime = &layout->lifetimes[i];
      if (lifetime->memory != LAYOUT_NOWHERE || (steps_only && lifetime->phase != DIXION_PHASE_STEP)) continue;
      if (lifetime->last - lifetime->first >= longest) {
        longer = true;
        continue;
      }
      if (lifetime->size > end - begin) continue;
      const uint64_t offset = find_gap(layout, i, memory, longest, begin);
      if (offset > end - lifetime->size) continue;
      lifetime->offset = offset;
      lifetime->memory = (uint8_t)memory;
      if (top < offset + lifetime->size) top = offset + lifetime->size;
    }
  }
  return top;
}

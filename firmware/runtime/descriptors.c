/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/runtime/descriptors.h"

#define MAX_TENSORS 65535u

status_t descriptor_table_init(descriptor_table_t* table, bump_t* memory, uint32_t tensors) {
  if (tensors > MAX_TENSORS) return STATUS_BAD_ARGUMENT;
  void* entries;
  const size_t size = (tensors + 1u) * sizeof(dixion_descriptor_t);
  const status_t status = bump_allocate_zeroed(memory, size, sizeof(dixion_descriptor_t), &entries);
  if (status != STATUS_OK) return status;
  *table = (descriptor_table_t){.entries = entries, .count = 1, .capacity = tensors + 1u};
  return STATUS_OK;
}

status_t descriptor_table_add(descriptor_table_t* table, const dixion_descriptor_t* descriptor, uint16_t* index) {
  if (table->count == table->capacity) return STATUS_NO_MEMORY;
  *index = (uint16_t)table->count;
  table->entries[table->count++] = *descriptor;
  return STATUS_OK;
}

uint32_t descriptor_element_size(uint32_t format) {
  switch (format) {
    case DIXION_FORMAT_INT8:
      return 1;
    case DIXION_FORMAT_INT12:
    case DIXION_FORMAT_INT16:
    case DIXION_FORMAT_BF16:
    case DIXION_FORMAT_FP16:
      return 2;
    case DIXION_FORMAT_INT32:
    case DIXION_FORMAT_UINT32:
      return 4;
    case DIXION_FORMAT_REQUANT:
      return 8;
    default:
      return 0;
  }
}

dixion_descriptor_t descriptor_dense(uint64_t address, uint32_t format, uint32_t rank, const uint32_t* extent) {
  dixion_descriptor_t descriptor = {.address = address, .format = (uint8_t)format, .rank = (uint8_t)rank};
  uint64_t stride = descriptor_element_size(format);
  for (uint32_t i = rank; i-- > 0;) {
    descriptor.extent[i] = extent[i];
    descriptor.stride[i] = stride;
    stride *= extent[i];
  }
  return descriptor;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/runtime/image.h"

#include <stdbool.h>
#include <stddef.h>

#include "firmware/lib/crc32.h"
#include "firmware/runtime/opcodes.h"
#include "firmware/runtime/schedule.h"
#include "models/abi/generated/commands.h"
#include "models/abi/tag.h"

#define MAX_STEPS 1023u
#define MAX_TENSORS 65535u    /* descriptors have 16-bit numbers, 0 means none */
#define MAX_SIZE (1ull << 40) /* bytes of a tensor: sums of all do not overflow */
#define DATA_ALIGNMENT 64u

/* [offset, offset + length) lies in [0, size). */
static bool fits(uint64_t offset, uint64_t length, uint64_t size) { return offset <= size && length <= size - offset; }

static const char* check_header(const dixion_image_header_t* image, uint64_t size) {
  if (size < sizeof *image || image->magic != DIXION_IMAGE_MAGIC) return "no workload image";
  if (image->version != DIXION_IMAGE_VERSION) return "image format of another version";
  if (image->size < sizeof *image || image->size > size) return "image is cut short";
  if (image->data_offset % DATA_ALIGNMENT != 0 || image->data_offset < sizeof *image ||
      image->data_offset > image->size) {
    return "tensor data begins outside the image";
  }
  if (image->operators_offset % 8 != 0 ||
      !fits(image->operators_offset, image->operator_count * sizeof(dixion_image_operator_t), image->data_offset)) {
    return "operator table outside the tables";
  }
  if (image->tensors_offset % 8 != 0 ||
      !fits(image->tensors_offset, image->tensor_count * sizeof(dixion_image_tensor_t), image->data_offset)) {
    return "tensor table outside the tables";
  }
  if (image->steps == 0 || image->steps > MAX_STEPS) return "steps outside 1 to 1023";
  if (image->operator_count > SCHEDULE_MAX_OPERATORS) return "more operators than a tag can count";
  if (image->tensor_count > MAX_TENSORS) return "more tensors than descriptors can be named";
  if (image->output_tensor >= image->tensor_count) return "no output tensor";
  if (image_tensors(image)[image->output_tensor].lifetime != DIXION_LIFETIME_OUTPUT) {
    return "output tensor has another lifetime";
  }
  const uint8_t* body = (const uint8_t*)(image + 1);
  return crc32_ieee(body, image->data_offset - sizeof *image) == image->checksum ? NULL : "checksum differs";
}

static const char* check_tensor(const dixion_image_header_t* image, const dixion_image_tensor_t* tensor) {
  if (tensor->rank == 0 || tensor->rank > DIXION_MAX_RANK) return "rank outside 1 to 4";
  if (tensor->lifetime > DIXION_LIFETIME_OUTPUT) return "unknown lifetime";
  if (tensor->step_stride != 0 && tensor->lifetime != DIXION_LIFETIME_DATA) return "a step stride without data";
  if (tensor->size > MAX_SIZE) return "larger than any memory";
  if (tensor->parent == DIXION_IMAGE_NONE) {
    if (tensor->lifetime != DIXION_LIFETIME_DATA) return NULL;
    const bool data = tensor->offset >= image->data_offset && fits(tensor->offset, tensor->size, image->size);
    return data ? NULL : "data outside the image";
  }
  if (tensor->parent >= image->tensor_count) return "parent is no tensor";
  const dixion_image_tensor_t* parent = &image_tensors(image)[tensor->parent];
  if (parent->parent != DIXION_IMAGE_NONE) return "view of a view";
  if (parent->lifetime != tensor->lifetime) return "view with another lifetime than its parent";
  return fits(tensor->offset, tensor->size, parent->size) ? NULL : "view outside its parent";
}

static const char* check_operator(const dixion_image_header_t* image, const dixion_image_operator_t* operator_) {
  const opcode_info_t* info = opcode_find(operator_->opcode);
  if (info == NULL || info->opcode == DIXION_OPCODE_CALL) return "opcode that a list cannot hold";
  if (operator_->phase > DIXION_PHASE_FINISH) return "unknown phase";
  if (operator_->step_kinds >> DIXION_STEP_KINDS != 0) return "unknown kind of step";
  if (operator_->split > DIXION_IMAGE_SPLIT_AUTO) return "unknown split";
  for (uint32_t i = 0; i < DIXION_MAX_OPERANDS; ++i) {
    const uint32_t operand = operator_->operands[i];
    if (operand != DIXION_IMAGE_NONE && operand >= image->tensor_count) return "operand is no tensor";
    if (!opcode_writes(info, i)) continue;
    if (operand == DIXION_IMAGE_NONE) return "no operand to write";
    if (image_tensors(image)[operand].lifetime == DIXION_LIFETIME_DATA) return "writes into the image's data";
  }
  return NULL;
}

status_t image_check(const dixion_image_header_t* image, uint64_t size, image_problem_t* problem) {
  *problem = (image_problem_t){.what = check_header(image, size), .index = DIXION_IMAGE_NONE};
  if (problem->what != NULL) return STATUS_BAD_IMAGE;
  for (uint32_t i = 0; i < image->tensor_count && problem->what == NULL; ++i) {
    *problem = (image_problem_t){.what = check_tensor(image, &image_tensors(image)[i]), .index = i};
  }
  for (uint32_t i = 0; i < image->operator_count && problem->what == NULL; ++i) {
    *problem = (image_problem_t){.what = check_operator(image, &image_operators(image)[i]), .index = i};
  }
  return problem->what == NULL ? STATUS_OK : STATUS_BAD_IMAGE;
}

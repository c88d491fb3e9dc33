/* SPDX-License-Identifier: Apache-2.0 */
/* Gathers a strided tensor into a dense one by DMA, spreads it again with other strides, and compares every byte with
 * what the hart expects, the bytes between the elements included. */
#include <stdio.h>
#include <string.h>

#include "firmware/apps/common/workbench.h"
#include "firmware/lib/machine.h"

enum { PLANES = 3, ROWS = 5, COLUMNS = 7 };
enum { SOURCE_ROW = 16, SOURCE_PLANE = 100, TARGET_ROW = 9, TARGET_PLANE = 50 }; /* elements */

static int32_t source[PLANES * SOURCE_PLANE] __attribute__((aligned(64)));
static int32_t dense[PLANES * ROWS * COLUMNS] __attribute__((aligned(64)));
static int32_t target[PLANES * TARGET_PLANE] __attribute__((aligned(64)));
static int32_t expected[PLANES * TARGET_PLANE];

static status_t copy(workbench_t* workbench, uint16_t from, uint16_t to) {
  dixion_command_t command = command_make(DIXION_OPCODE_DMA_COPY, 0);
  command.core_count = 1; /* channel 0 */
  command.operands[0] = from;
  command.operands[1] = to;
  return workbench_run(workbench, &command);
}

int main(void) {
  static const uint32_t extent[3] = {PLANES, ROWS, COLUMNS};
  for (uint32_t i = 0; i < PLANES * SOURCE_PLANE; ++i) source[i] = (int32_t)(i * 2654435761u);
  memset(target, 0x5a, sizeof target);
  memset(expected, 0x5a, sizeof expected);
  for (uint32_t p = 0; p < PLANES; ++p) {
    for (uint32_t r = 0; r < ROWS; ++r) {
      memcpy(&expected[p * TARGET_PLANE + r * TARGET_ROW], &source[p * SOURCE_PLANE + r * SOURCE_ROW],
             COLUMNS * sizeof(int32_t));
    }
  }

  workbench_t workbench;
  status_t status = workbench_open(&workbench);
  if (status != STATUS_OK) return status;
  dixion_descriptor_t from = descriptor_dense(physical_address(source), DIXION_FORMAT_INT32, 3, extent);
  from.stride[0] = SOURCE_PLANE * sizeof(int32_t);
  from.stride[1] = SOURCE_ROW * sizeof(int32_t);
  dixion_descriptor_t to = descriptor_dense(physical_address(target), DIXION_FORMAT_INT32, 3, extent);
  to.stride[0] = TARGET_PLANE * sizeof(int32_t);
  to.stride[1] = TARGET_ROW * sizeof(int32_t);
  const dixion_descriptor_t between = descriptor_dense(physical_address(dense), DIXION_FORMAT_INT32, 3, extent);
  const uint16_t from_index = workbench_describe(&workbench, &from);
  const uint16_t between_index = workbench_describe(&workbench, &between);
  const uint16_t to_index = workbench_describe(&workbench, &to);

  status = workbench_start(&workbench);
  if (status == STATUS_OK) status = copy(&workbench, from_index, between_index);
  if (status == STATUS_OK) status = copy(&workbench, between_index, to_index);
  if (status != STATUS_OK) return status;
  if (memcmp(target, expected, sizeof target) != 0) {
    printf("dma_copy: the target differs from what the hart expects\n");
    return STATUS_MISMATCH;
  }
  printf("dma_copy: %u elements copied twice, all as expected\n", (unsigned)(PLANES * ROWS * COLUMNS));
  return STATUS_OK;
}

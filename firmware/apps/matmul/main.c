/* SPDX-License-Identifier: Apache-2.0 */
/* A small matrix product with bias and requantisation (docs/numerics.md, section 3), compared with a loop on the hart.
 * The extents are no multiples of any tile. */
#include <stdio.h>

#include "firmware/apps/common/workbench.h"
#include "firmware/lib/machine.h"

enum { M = 19, N = 21, K = 37 };
enum { MULTIPLIER = 77, SHIFT = 14 };

static int16_t activations[M * K] __attribute__((aligned(64))); /* INT12 */
static int8_t weights[N * K] __attribute__((aligned(64)));
static int32_t bias[N] __attribute__((aligned(64)));
static int16_t result[M * N] __attribute__((aligned(64))); /* INT12 */

static uint32_t next_random(uint32_t* state) {
  *state = *state * 1664525u + 1013904223u;
  return *state >> 12;
}

/* Rounded half away from zero, then the nearest 12-bit value. */
static int16_t requantise(int64_t sum) {
  const int64_t product = sum * MULTIPLIER;
  const int64_t half = INT64_C(1) << (SHIFT - 1);
  const int64_t rounded = product < 0 ? -((-product + half) >> SHIFT) : (product + half) >> SHIFT;
  return (int16_t)(rounded < -2048 ? -2048 : rounded > 2047 ? 2047 : rounded);
}

static int16_t expected(uint32_t m, uint32_t n) {
  int64_t sum = bias[n];
  for (uint32_t k = 0; k < K; ++k) sum += (int64_t)activations[m * K + k] * weights[n * K + k];
  return requantise(sum);
}

int main(void) {
  uint32_t state = 1;
  for (uint32_t i = 0; i < M * K; ++i) activations[i] = (int16_t)((int32_t)(next_random(&state) & 0xfffu) - 2048);
  for (uint32_t i = 0; i < N * K; ++i) weights[i] = (int8_t)((int32_t)(next_random(&state) & 0xffu) - 128);
  for (uint32_t i = 0; i < N; ++i) bias[i] = (int32_t)(next_random(&state) & 0x3ffffu) - 0x20000;

  workbench_t workbench;
  status_t status = workbench_open(&workbench);
  if (status != STATUS_OK) return status;
  const dixion_descriptor_t a =
      descriptor_dense(physical_address(activations), DIXION_FORMAT_INT12, 2, (const uint32_t[]){M, K});
  const dixion_descriptor_t w =
      descriptor_dense(physical_address(weights), DIXION_FORMAT_INT8, 2, (const uint32_t[]){N, K});
  const dixion_descriptor_t b = descriptor_dense(physical_address(bias), DIXION_FORMAT_INT32, 1, (const uint32_t[]){N});
  const dixion_descriptor_t r =
      descriptor_dense(physical_address(result), DIXION_FORMAT_INT12, 2, (const uint32_t[]){M, N});

  dixion_command_t command = command_make(DIXION_OPCODE_MATMUL, 0);
  command.operands[0] = workbench_describe(&workbench, &a);
  command.operands[1] = workbench_describe(&workbench, &w);
  command.operands[2] = workbench_describe(&workbench, &b);
  command.operands[4] = workbench_describe(&workbench, &r);
  command.immediates[0] = MULTIPLIER;
  command.immediates[1] = SHIFT;
  status = workbench_start(&workbench);
  if (status == STATUS_OK) status = workbench_run(&workbench, &command);
  if (status != STATUS_OK) return status;

  for (uint32_t i = 0; i < M * N; ++i) {
    if (result[i] == expected(i / N, i % N)) continue;
    printf("matmul: [%u, %u] is %d, the hart computed %d\n", (unsigned)(i / N), (unsigned)(i % N), result[i],
           expected(i / N, i % N));
    return STATUS_MISMATCH;
  }
  printf("matmul: %u x %u x %u, all %u results as the hart computed them\n", (unsigned)M, (unsigned)N, (unsigned)K,
         (unsigned)(M * N));
  return STATUS_OK;
}

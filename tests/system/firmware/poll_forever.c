/* SPDX-License-Identifier: Apache-2.0 */
/* Polls the accelerator's status for a bit that stays 0. */
#include "tests/system/firmware/device.h"

int main(void) {
  while ((read32(DIXION_MAP_ACCELERATOR_BASE + DIXION_ACCELERATOR_STATUS) & DIXION_ACCELERATOR_STATUS_BUSY_MASK) == 0) {
  }
  return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/runtime/softmax_thresholding.h"

bool st_reuses_masks(const dixion_image_st_t* st, uint32_t step) {
  if (st->first_steps == 0 || step < st->first_steps) return false;
  if (st->mask_every == 0) return true;
  return (step - (st->first_steps - 1u)) % st->mask_every != 0;
}

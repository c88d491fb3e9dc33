/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/runtime/reuse.h"

bool reuse_in_step(const dixion_image_reuse_t* reuse, uint32_t step, uint32_t steps) {
  if (reuse->first_steps == 0 || step < reuse->first_steps) return false;
  if (reuse->last_dense != 0 && step + 1u == steps) return false;
  if (reuse->dense_every == 0) return true;
  return (step - (reuse->first_steps - 1u)) % reuse->dense_every != 0;
}

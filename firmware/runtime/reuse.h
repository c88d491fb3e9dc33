/* SPDX-License-Identifier: Apache-2.0 */
/* When a technique reuses what an earlier step made. Neither paper's abstract gives a schedule; that EXION's dense steps
 * come every so many steps is known, the rest is assumed. */
#ifndef DIXION_FIRMWARE_RUNTIME_REUSE_H
#define DIXION_FIRMWARE_RUNTIME_REUSE_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/runtime/image_format.h"

/* Whether denoising step `step` of `steps` reuses. False: it is dense and, if the technique is on, makes what later ones
 * reuse. */
bool reuse_in_step(const dixion_image_reuse_t* reuse, uint32_t step, uint32_t steps);

#endif

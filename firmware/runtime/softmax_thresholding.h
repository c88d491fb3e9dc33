/* SPDX-License-Identifier: Apache-2.0 */
/* When softmax thresholding (ST of DiSC, arXiv 2605.25798) makes masks and when it reuses them. The paper's abstract
 * names the reuse, not the rule; this one is assumed. */
#ifndef DIXION_FIRMWARE_RUNTIME_SOFTMAX_THRESHOLDING_H
#define DIXION_FIRMWARE_RUNTIME_SOFTMAX_THRESHOLDING_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/runtime/image_format.h"

/* Whether attention of denoising step `step` uses the masks of an earlier one. False: full attention; it makes masks
 * if the technique is on. */
bool st_reuses_masks(const dixion_image_st_t* st, uint32_t step);

#endif

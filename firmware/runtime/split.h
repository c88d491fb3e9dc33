/* SPDX-License-Identifier: Apache-2.0 */
/* How a product or an attention is divided among the cores when the workload leaves it open. */
#ifndef DIXION_FIRMWARE_RUNTIME_SPLIT_H
#define DIXION_FIRMWARE_RUNTIME_SPLIT_H

#include "firmware/drivers/accel.h"
#include "firmware/runtime/image.h"

/* DIXION_SPLIT_* of an operator: what the image says, or for DIXION_IMAGE_SPLIT_AUTO the division whose busiest core
 * has the fewest tiles of the array. At a tie ROWS, which reads weights, keys and values once for all cores. */
uint8_t split_of(const dixion_image_tensor_t* tensors, const dixion_image_operator_t* entry,
                 const accel_capabilities_t* capabilities);

#endif

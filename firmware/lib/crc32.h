/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DIXION_FIRMWARE_LIB_CRC32_H
#define DIXION_FIRMWARE_LIB_CRC32_H

#include <stddef.h>
#include <stdint.h>

/* CRC-32 as in IEEE 802.3 (reflected polynomial 0xedb88320). */
uint32_t crc32_ieee(const void* data, size_t length);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/lib/crc32.h"

#include <string.h>

#define SLICES 8

static uint32_t table[SLICES][256]; /* table[s][b]: byte b followed by s zero bytes */

static void build_table(void) {
  for (uint32_t byte = 0; byte < 256; ++byte) {
    uint32_t value = byte;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1u) != 0 ? 0xedb88320u : 0u);
    table[0][byte] = value;
  }
  for (uint32_t slice = 1; slice < SLICES; ++slice) {
    for (uint32_t byte = 0; byte < 256; ++byte) {
      const uint32_t before = table[slice - 1][byte];
      table[slice][byte] = (before >> 8) ^ table[0][before & 0xffu];
    }
  }
}

uint32_t crc32_ieee(const void* data, size_t length) {
  if (table[0][1] == 0) build_table();
  const uint8_t* bytes = data;
  uint32_t crc = 0xffffffffu;
  /* Eight bytes at a time: an image of megabytes is checked before every run. Little-endian like the whole machine. */
  for (; length >= 8; length -= 8, bytes += 8) {
    uint64_t word;
    memcpy(&word, bytes, 8);
    word ^= crc;
    crc = table[7][word & 0xffu] ^ table[6][word >> 8 & 0xffu] ^ table[5][word >> 16 & 0xffu] ^
          table[4][word >> 24 & 0xffu] ^ table[3][word >> 32 & 0xffu] ^ table[2][word >> 40 & 0xffu] ^
          table[1][word >> 48 & 0xffu] ^ table[0][word >> 56];
  }
  for (; length > 0; --length, ++bytes) crc = (crc >> 8) ^ table[0][(crc ^ *bytes) & 0xffu];
  return crc ^ 0xffffffffu;
}

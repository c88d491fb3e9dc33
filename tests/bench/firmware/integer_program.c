/* SPDX-License-Identifier: Apache-2.0 */
/* What the speed of the hart is measured with: six kinds of integer work of about 200 million instructions each, none
   of which touches a device. Runs on the platform and on QEMU's machine `virt` alike. Each part is checked by something
   it was not computed with, prints a line, and the program ends with the number of parts that failed. */
#include <stdint.h>

#include "models/abi/generated/memory_map.h"

static void put(char c) {
  volatile uint8_t* const uart = (volatile uint8_t*)DIXION_MAP_UART_BASE;
  while ((uart[5] & 0x20) == 0) { /* line status: transmitter empty */
  }
  uart[0] = (uint8_t)c;
}

static int report(const char* name, uint64_t value, int passed) {
  while (*name != 0) put(*name++);
  put(' ');
  for (int shift = 60; shift >= 0; shift -= 4) put("0123456789abcdef"[value >> shift & 15]);
  for (const char* verdict = passed ? " ok\n" : " WRONG\n"; *verdict != 0; ++verdict) put(*verdict);
  return passed ? 0 : 1;
}

/* Marsaglia's xorshift64. */
static uint64_t next_random(uint64_t* state) {
  *state ^= *state << 13;
  *state ^= *state >> 7;
  *state ^= *state << 17;
  return *state;
}

/* CRC-32 (IEEE 802.3) by table. Check: the CRC of data with its CRC behind it is the residue 0x2144DF1C. */
static uint32_t crc_table[256];

static uint32_t crc(const uint8_t* data, uint64_t size) {
  uint32_t value = ~0u;
  for (uint64_t i = 0; i < size; ++i) value = crc_table[(value ^ data[i]) & 255] ^ value >> 8;
  return ~value;
}

static int check_crc(void) {
  enum { kBytes = 1 << 16, kRounds = 380 };
  static uint8_t data[kBytes + 4];
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) value = value >> 1 ^ (0xEDB88320u & -(value & 1));
    crc_table[i] = value;
  }
  uint64_t state = 1;
  for (uint32_t i = 0; i < kBytes; ++i) data[i] = (uint8_t)next_random(&state);
  uint64_t sum = 0;
  int passed = 1;
  for (uint32_t round = 0; round < kRounds; ++round) {
    data[round] = (uint8_t)round;
    const uint32_t value = crc(data, kBytes);
    sum = sum * 31 + value;
    if (round % 64 != 0) continue;
    for (int byte = 0; byte < 4; ++byte) data[kBytes + byte] = (uint8_t)(value >> 8 * byte);
    passed &= crc(data, kBytes + 4) == 0x2144DF1Cu;
  }
  return report("crc", sum, passed);
}

/* Sieve of Eratosthenes. Check: there are 82,025 primes below 2^20 (OEIS A007053). */
static int check_sieve(void) {
  enum { kLimit = 1 << 20, kRounds = 14 };
  static uint8_t composite[kLimit];
  uint64_t sum = 0;
  int passed = 1;
  for (uint32_t round = 0; round < kRounds; ++round) {
    for (uint32_t i = 0; i < kLimit; ++i) composite[i] = 0;
    uint64_t primes = 0;
    for (uint32_t i = 2; i < kLimit; ++i) {
      if (composite[i] != 0) continue;
      ++primes;
      sum += i;
      for (uint64_t j = (uint64_t)i * i; j < kLimit; j += i) composite[j] = 1;
    }
    passed &= primes == 82025;
  }
  return report("sieve", sum, passed);
}

/* Matrix product modulo 2^32. Check (Freivalds): A (B v) = (A B) v. */
static int check_matrix(void) {
  enum { kSize = 96, kRounds = 37 };
  static uint32_t a[kSize][kSize], b[kSize][kSize], product[kSize][kSize], vector[kSize], image[kSize];
  uint64_t state = 2;
  uint64_t sum = 0;
  int passed = 1;
  for (uint32_t i = 0; i < kSize; ++i) {
    vector[i] = (uint32_t)next_random(&state);
    for (uint32_t j = 0; j < kSize; ++j) a[i][j] = (uint32_t)next_random(&state), b[i][j] = (uint32_t)next_random(&state);
  }
  for (uint32_t round = 0; round < kRounds; ++round) {
    a[round % kSize][0] += round;
    for (uint32_t i = 0; i < kSize; ++i) {
      for (uint32_t j = 0; j < kSize; ++j) {
        uint32_t dot = 0;
        for (uint32_t k = 0; k < kSize; ++k) dot += a[i][k] * b[k][j];
        product[i][j] = dot;
      }
    }
    for (uint32_t i = 0; i < kSize; ++i) {
      image[i] = 0;
      for (uint32_t j = 0; j < kSize; ++j) image[i] += b[i][j] * vector[j];
    }
    for (uint32_t i = 0; i < kSize; ++i) {
      uint32_t expected = 0;
      uint32_t found = 0;
      for (uint32_t j = 0; j < kSize; ++j) expected += a[i][j] * image[j], found += product[i][j] * vector[j];
      passed &= expected == found;
      sum = sum * 31 + found;
    }
  }
  return report("matrix", sum, passed);
}

/* Quicksort, smaller part first so that the stack stays small. Check: in order, and the sum is what it was. */
static void sort(uint32_t* first, uint32_t* last) {
  while (last - first > 16) {
    const uint32_t pivot = first[(last - first) / 2];
    uint32_t* low = first;
    uint32_t* high = last - 1;
    for (;;) {
      while (*low < pivot) ++low;
      while (*high > pivot) --high;
      if (low >= high) break;
      const uint32_t swap = *low;
      *low++ = *high;
      *high-- = swap;
    }
    if (low - first < last - low) {
      sort(first, low);
      first = low;
    } else {
      sort(low, last);
      last = low;
    }
  }
  for (uint32_t* end = first + 1; end < last; ++end) {
    const uint32_t value = *end;
    uint32_t* hole = end;
    for (; hole > first && hole[-1] > value; --hole) *hole = hole[-1];
    *hole = value;
  }
}

static int check_sort(void) {
  enum { kCount = 1 << 16, kRounds = 27 };
  static uint32_t values[kCount];
  uint64_t state = 3;
  uint64_t sum = 0;
  int passed = 1;
  for (uint32_t round = 0; round < kRounds; ++round) {
    uint64_t before = 0;
    for (uint32_t i = 0; i < kCount; ++i) before += values[i] = (uint32_t)next_random(&state);
    sort(values, values + kCount);
    uint64_t after = values[0];
    for (uint32_t i = 1; i < kCount; ++i) {
      after += values[i];
      passed &= values[i - 1] <= values[i];
    }
    passed &= before == after;
    sum = sum * 31 + values[kCount / 2];
  }
  return report("sort", sum, passed);
}

/* Counts words in a hash table (FNV-1a, linear probing). Check: the counts add up to the words put in, and every word
   is found again once. */
enum { kWords = 1 << 12, kSlots = 1 << 13, kWordBytes = 16 };
static char words[kWords][kWordBytes];
static struct {
  const char* word;
  uint32_t count;
} slots[kSlots];

static int equal_words(const char* a, const char* b) {
  while (*a != 0 && *a == *b) ++a, ++b;
  return *a == *b;
}

static uint32_t* count_of(const char* word) {
  uint32_t hash = 0x811C9DC5u;
  for (const char* c = word; *c != 0; ++c) hash = (hash ^ (uint8_t)*c) * 0x01000193u;
  uint32_t slot = (hash ^ hash >> 15) % kSlots;
  while (slots[slot].word != 0 && !equal_words(slots[slot].word, word)) slot = (slot + 1) % kSlots;
  slots[slot].word = word;
  return &slots[slot].count;
}

static int check_hash(void) {
  enum { kRounds = 210 };
  uint64_t state = 4;
  for (uint32_t i = 0; i < kWords; ++i) {
    const uint64_t random = next_random(&state);
    const uint32_t length = 4 + (uint32_t)(random % 8);
    for (uint32_t c = 0; c < length; ++c) words[i][c] = (char)('a' + (random >> (8 + 4 * c)) % 16);
    words[i][length] = 0;
  }
  for (uint32_t round = 0; round < kRounds; ++round) {
    for (uint32_t i = 0; i < kWords; ++i) ++*count_of(words[i]);
  }
  uint64_t total = 0;
  uint64_t sum = 0;
  int passed = 1;
  for (uint32_t i = 0; i < kSlots; ++i) {
    if (slots[i].word == 0) continue;
    total += slots[i].count;
    sum = sum * 31 + i;
    passed &= count_of(slots[i].word) == &slots[i].count;
  }
  return report("hash", sum, passed && total == (uint64_t)kWords * kRounds);
}

/* Queens that do not attack each other, by recursion. Check: 14,200 ways on a board of 12 (OEIS A000170). */
static uint64_t place(uint32_t free, uint32_t columns, uint32_t left, uint32_t right, uint32_t all) {
  if (columns == all) return 1;
  uint64_t ways = 0;
  while (free != 0) {
    const uint32_t queen = free & -free;
    free ^= queen;
    const uint32_t l = (left | queen) << 1;
    const uint32_t r = (right | queen) >> 1;
    ways += place(all & ~(columns | queen | l | r), columns | queen, l, r, all);
  }
  return ways;
}

static int check_queens(void) {
  enum { kRounds = 9 };
  uint64_t ways = 0;
  for (uint32_t round = 0; round < kRounds; ++round) {
    const uint32_t all = (1u << 12) - 1;
    ways += place(all, 0, 0, 0, all);
  }
  return report("queens", ways, ways == 14200ul * kRounds);
}

int main(void) {
  return check_crc() + check_sieve() + check_matrix() + check_sort() + check_hash() + check_queens();
}

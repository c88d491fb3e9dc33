/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/lib/fdt.h"

#include <stdbool.h>
#include <string.h>

#define FDT_MAGIC 0xd00dfeedu
#define FDT_BEGIN_NODE 1u
#define FDT_END_NODE 2u
#define FDT_PROP 3u
#define FDT_NOP 4u
#define MAX_DEPTH 16u

uint64_t fdt_cells(const uint8_t* value, uint32_t cells) {
  uint64_t number = 0;
  for (uint32_t i = 0; i < 4 * cells; ++i) number = number << 8 | value[i];
  return number;
}

/* Length of a string, or `limit` if it does not end before. */
static uint32_t length_of(const char* string, uint32_t limit) {
  const char* end = memchr(string, '\0', limit);
  return end != NULL ? (uint32_t)(end - string) : limit;
}

static uint32_t word(const uint8_t* bytes) { return (uint32_t)fdt_cells(bytes, 1); }

status_t fdt_init(fdt_t* fdt, const void* blob) {
  const uint8_t* header = blob;
  if (header == NULL || word(header) != FDT_MAGIC || word(header + 24) > 17 || word(header + 20) < 16)
    return STATUS_BAD_TREE;
  fdt->total_size = word(header + 4);
  const uint32_t structure = word(header + 8);
  const uint32_t strings = word(header + 12);
  fdt->strings_size = word(header + 32);
  fdt->structure_size = word(header + 36);
  if (structure > fdt->total_size || fdt->structure_size > fdt->total_size - structure) return STATUS_BAD_TREE;
  if (strings > fdt->total_size || fdt->strings_size > fdt->total_size - strings) return STATUS_BAD_TREE;
  fdt->structure = header + structure;
  fdt->strings = header + strings;
  return STATUS_OK;
}

/* One token of the structure block. */
typedef struct token {
  uint32_t kind;
  const char* name; /* of the node or property */
  const uint8_t* value;
  uint32_t length;
} token_t;

/* Reads the token at *offset and moves behind it; false at the end or where the block is damaged. */
static bool next_token(const fdt_t* fdt, uint32_t* offset, token_t* token) {
  const uint32_t size = fdt->structure_size;
  do {
    if (*offset + 4 > size) return false;
    token->kind = word(fdt->structure + *offset);
    *offset += 4;
  } while (token->kind == FDT_NOP);

  if (token->kind == FDT_BEGIN_NODE) {
    token->name = (const char*)fdt->structure + *offset;
    const uint32_t length = length_of(token->name, size - *offset);
    if (length == size - *offset) return false;
    *offset += (length + 4u) & ~3u;
    return true;
  }
  if (token->kind == FDT_PROP) {
    if (*offset + 8 > size) return false;
    token->length = word(fdt->structure + *offset);
    const uint32_t name = word(fdt->structure + *offset + 4);
    *offset += 8;
    if (token->length > size - *offset || name >= fdt->strings_size) return false;
    token->name = (const char*)fdt->strings + name;
    token->value = fdt->structure + *offset;
    *offset += (token->length + 3u) & ~3u;
    return true;
  }
  return token->kind == FDT_END_NODE;
}

status_t fdt_property(const fdt_t* fdt, const fdt_node_t* node, const char* name, const uint8_t** value,
                      uint32_t* length) {
  uint32_t offset = node->offset;
  token_t token;
  while (next_token(fdt, &offset, &token) && token.kind == FDT_PROP) {
    if (strcmp(token.name, name) != 0) continue;
    *value = token.value;
    *length = token.length;
    return STATUS_OK;
  }
  return STATUS_NOT_FOUND;
}

static bool lists(const fdt_t* fdt, const fdt_node_t* node, const char* compatible) {
  const uint8_t* value;
  uint32_t length;
  if (fdt_property(fdt, node, "compatible", &value, &length) != STATUS_OK) return false;
  while (length > 0) {
    const uint32_t entry = length_of((const char*)value, length);
    if (entry == length) return false;
    if (strcmp((const char*)value, compatible) == 0) return true;
    value += entry + 1;
    length -= entry + 1;
  }
  return false;
}

static bool is_named(const char* node_name, const char* name) {
  const size_t length = strlen(name);
  return strncmp(node_name, name, length) == 0 && (node_name[length] == '\0' || node_name[length] == '@');
}

/* Walks all nodes; `compatible` or else `child` says what is sought. */
static status_t find(const fdt_t* fdt, const char* compatible, const char* child, fdt_node_t* found) {
  struct {
    uint32_t address_cells, size_cells;
  } levels[MAX_DEPTH + 1] = {{2, 1}}; /* levels[d]: cells for children of the open node at depth d */
  uint32_t depth = 0;
  uint32_t offset = 0;
  token_t token;
  while (next_token(fdt, &offset, &token)) {
    if (token.kind == FDT_END_NODE) {
      if (--depth == 0) return STATUS_NOT_FOUND;
    } else if (token.kind == FDT_PROP) {
      if (token.length != 4) continue;
      if (strcmp(token.name, "#address-cells") == 0) levels[depth].address_cells = word(token.value);
      if (strcmp(token.name, "#size-cells") == 0) levels[depth].size_cells = word(token.value);
    } else {
      const fdt_node_t node = {offset, levels[depth].address_cells, levels[depth].size_cells};
      if (++depth > MAX_DEPTH) return STATUS_BAD_TREE;
      levels[depth].address_cells = 2;
      levels[depth].size_cells = 1;
      if (compatible != NULL ? lists(fdt, &node, compatible) : depth == 2 && is_named(token.name, child)) {
        *found = node;
        return STATUS_OK;
      }
    }
  }
  return STATUS_BAD_TREE;
}

status_t fdt_find_compatible(const fdt_t* fdt, const char* compatible, fdt_node_t* node) {
  return find(fdt, compatible, NULL, node);
}

status_t fdt_find_child(const fdt_t* fdt, const char* name, fdt_node_t* node) { return find(fdt, NULL, name, node); }

status_t fdt_reg(const fdt_t* fdt, const fdt_node_t* node, uint32_t index, uint64_t* address, uint64_t* size) {
  const uint8_t* value;
  uint32_t length;
  const status_t status = fdt_property(fdt, node, "reg", &value, &length);
  if (status != STATUS_OK) return status;
  if (node->address_cells > 2 || node->size_cells > 2) return STATUS_BAD_TREE;
  const uint32_t entry = 4 * (node->address_cells + node->size_cells);
  if (entry == 0 || index >= length / entry) return STATUS_NOT_FOUND;
  value += index * entry;
  *address = fdt_cells(value, node->address_cells);
  *size = fdt_cells(value + 4 * node->address_cells, node->size_cells);
  return STATUS_OK;
}

status_t fdt_interrupt(const fdt_t* fdt, const fdt_node_t* node, uint32_t index, uint32_t* interrupt) {
  const uint8_t* value;
  uint32_t length;
  const status_t status = fdt_property(fdt, node, "interrupts", &value, &length);
  if (status != STATUS_OK) return status;
  if (index >= length / 4) return STATUS_NOT_FOUND;
  *interrupt = word(value + 4 * index);
  return STATUS_OK;
}

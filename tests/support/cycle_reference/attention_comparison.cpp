// SPDX-License-Identifier: Apache-2.0
#include "tests/support/cycle_reference/attention_comparison.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "tests/support/cycle_reference/attention_reference.h"

namespace dixion::test {
namespace {

/// What one row of the table covers.
struct Class {
  const char* tiles;
  const char* kind;
  bool (*holds)(const ComparedAttention&);
};
constexpr std::array<Class, 6> kClasses{
    {{"1", "any", [](const ComparedAttention& a) { return a.tiles == 1; }},
     {"2 to 15", "long",
      [](const ComparedAttention& a) { return a.tiles > 1 && a.tiles < 16 && a.full_tiles && a.long_tiles; }},
     {"2 to 15", "short",
      [](const ComparedAttention& a) { return a.tiles > 1 && a.tiles < 16 && a.full_tiles && !a.long_tiles; }},
     {"16 and more", "long", [](const ComparedAttention& a) { return a.tiles >= 16 && a.full_tiles && a.long_tiles; }},
     {"16 and more", "short",
      [](const ComparedAttention& a) { return a.tiles >= 16 && a.full_tiles && !a.long_tiles; }},
     {"2 and more", "last of each head not full",
      [](const ComparedAttention& a) { return a.tiles > 1 && !a.full_tiles; }}}};

struct Network {
  const char* name;
  AttentionShape shape;
};
const std::array<Network, 6> kNetworks{{{"DiT-XL/2, 256 pixels", {16, 256, 256, 72}},
                                        {"Stable Diffusion, 32 x 32", {8, 1024, 1024, 80}},
                                        {"Stable Diffusion, text", {8, 1024, 77, 80}},
                                        {"MDM", {4, 197, 197, 128}},
                                        {"glyphs", {4, 256, 256, 32}},
                                        {"MLD", {4, 3, 3, 64}}}};

template <typename... Values>
std::string print(const char* format, Values... values) {
  std::array<char, 240> text{};
  (void)std::snprintf(text.data(), text.size(), format, values...);
  return text.data();
}

}  // namespace

std::vector<ComparedArray> attention_arrays() {
  std::vector<ComparedArray> chosen;
  for (const auto& arrays : {conflict_free_arrays(), conflicting_arrays()}) {
    for (const ComparedArray& array : arrays) {
      for (const char* name :
           {"exion, interleave", "disc, xor", "exion, interleave, 8 banks", "disc, interleave, 16 banks of 32 bytes"}) {
        if (array.name == name) chosen.push_back(array);
      }
    }
  }
  return chosen;
}

std::vector<ComparedArray> network_arrays() {
  std::vector<ComparedArray> arrays = attention_arrays();
  arrays.resize(2);
  return arrays;
}

std::vector<AttentionShape> compared_attention(const AcceleratorConfig& config) {
  const std::uint64_t r = config.array_rows;
  std::vector<AttentionShape> shapes;
  for (const std::uint64_t heads : {1U, 2U, 16U}) {
    for (const std::uint64_t queries : {std::uint64_t{1}, r - 1, r, r + 1, 4 * r}) {
      for (const std::uint64_t keys : {std::uint64_t{config.array_columns}, std::uint64_t{64}, std::uint64_t{77},
                                       std::uint64_t{256}, std::uint64_t{1024}}) {
        for (const std::uint64_t depth :
             {std::uint64_t{config.dot_length}, std::uint64_t{32}, std::uint64_t{64}, std::uint64_t{72}}) {
          shapes.push_back({heads, queries, keys, depth});
        }
      }
    }
  }
  return shapes;
}

ComparedAttention compare(const AcceleratorConfig& config, OperandDelivery& delivery, const AttentionShape& shape) {
  const auto score_passes = static_cast<unsigned>(attention_score_passes(config, shape));
  const ReferenceChain chain =
      run_attention(config, {shape.heads, shape.queries, shape.keys, shape.depth, score_passes});
  ComparedAttention result;
  result.closed_form = attention_timing(config, delivery, shape, DIXION_SPLIT_HEADS, 1).compute;
  result.reference = chain.compute;
  result.waits = chain.waits;
  result.tiles = chain.tiles;
  result.full_tiles = shape.queries <= config.array_rows || shape.queries % config.array_rows == 0;
  const auto ceil_div = [](std::uint64_t a, std::uint64_t b) { return (a + b - 1) / b; };
  const std::uint64_t rows = std::min<std::uint64_t>(shape.queries, config.array_rows);
  const Cycles products =
      score_passes * ceil_div(shape.keys, config.array_columns) * ceil_div(shape.depth, config.dot_length) +
      ceil_div(shape.depth, config.array_columns) * ceil_div(shape.keys, config.dot_length);
  result.long_tiles = products >= ceil_div(rows * shape.keys, config.vector_lanes) + matrix_fill_cycles(config);
  return result;
}

std::vector<std::string> attention_error_rows(const ComparedArray& array) {
  OperandDelivery delivery(array.config);
  std::vector<ComparedAttention> all;
  for (const AttentionShape& shape : compared_attention(array.config)) {
    all.push_back(compare(array.config, delivery, shape));
  }
  std::vector<std::string> rows;
  for (const Class& each : kClasses) {
    unsigned shapes = 0;
    double lowest = 0;
    double highest = 0;
    for (const ComparedAttention& compared : all) {
      if (!each.holds(compared)) continue;
      ++shapes;
      lowest = std::min(lowest, compared.error());
      highest = std::max(highest, compared.error());
    }
    rows.push_back(print("| %s | %s | %s | %u | %.2f %% | %.2f %% |", array.name.c_str(), each.tiles, each.kind, shapes,
                         lowest, highest));
  }
  return rows;
}

std::vector<std::string> network_rows(const ComparedArray& array) {
  OperandDelivery delivery(array.config);
  std::vector<std::string> rows;
  for (const Network& network : kNetworks) {
    const AttentionShape& shape = network.shape;
    const ComparedAttention compared = compare(array.config, delivery, shape);
    rows.push_back(print("| %s | %s | %llu x %llu x %llu x %llu | %llu | %llu | %.2f %% |", array.name.c_str(),
                         network.name, static_cast<unsigned long long>(shape.heads),
                         static_cast<unsigned long long>(shape.queries), static_cast<unsigned long long>(shape.keys),
                         static_cast<unsigned long long>(shape.depth),
                         static_cast<unsigned long long>(compared.closed_form),
                         static_cast<unsigned long long>(compared.reference), compared.error()));
  }
  return rows;
}

}  // namespace dixion::test

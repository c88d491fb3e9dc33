// SPDX-License-Identifier: Apache-2.0
#include "platform/probe_lists.h"

#include <algorithm>
#include <iomanip>
#include <ostream>

#include "models/common/check.h"
#include "models/engines/matrix/list_array.h"
#include "models/memory/bank_map.h"
#include "models/sparsity/random_mask.h"

namespace dixion {
namespace {

constexpr std::size_t kTileQueries = 256;  // as masked_timing.cpp cuts tiles

std::vector<ListQuery> queries_of(const ListProbe& probe, const BitMask& mask, std::size_t begin, std::size_t end) {
  std::vector<ListQuery> queries;
  for (std::size_t row = begin; row < end; ++row) {
    ListQuery query;
    for (std::size_t key = 0; key < mask.columns(); ++key) {
      if (!mask.test(row, key)) continue;
      ++query.kept;
      const auto word = static_cast<std::uint32_t>(key / probe.keys_per_word);
      if (query.words.empty() || query.words.back() != word) query.words.push_back(word);
    }
    if (query.kept > 0) queries.push_back(std::move(query));
  }
  std::stable_sort(queries.begin(), queries.end(),
                   [](const ListQuery& a, const ListQuery& b) { return a.words.size() > b.words.size(); });
  return queries;
}

/// Reads of the busiest bank if every request is one.
std::uint64_t busiest(const ListTile& tile, unsigned banks) {
  std::vector<std::uint64_t> reads(banks, 0);
  for (const ListQuery& query : tile.queries) {
    for (const std::uint32_t word : query.words) {
      ++reads[tile.key_banks[word]];
      ++reads[tile.value_banks[word]];
    }
  }
  return *std::max_element(reads.begin(), reads.end());
}

void print_row(const ListProbe& probe, const std::string& label, const BitMask& mask, const std::string& map_name,
               bool multicast, std::ostream& out) {
  const auto map = make_bank_map(map_name, probe.banks);
  ListTile tile;
  const std::size_t words = (mask.columns() + probe.keys_per_word - 1) / probe.keys_per_word;
  for (std::size_t word = 0; word < words; ++word) {
    tile.key_banks.push_back(static_cast<std::uint16_t>(map->bank_of(word)));
    tile.value_banks.push_back(static_cast<std::uint16_t>(map->bank_of(words + word)));
  }
  tile.depth = probe.depth;
  const ListArray array{probe.groups, probe.words_per_cycle, map->banks(), probe.fifo_depth,
                        multicast,    probe.vector_lanes};
  ListRun sum;
  std::uint64_t elements = 0, load = 0;
  for (std::size_t begin = 0; begin < mask.rows(); begin += kTileQueries) {
    tile.queries = queries_of(probe, mask, begin, std::min(begin + kTileQueries, mask.rows()));
    const ListRun run = run_lists(array, tile);
    sum.cycles += run.cycles;
    sum.words += run.words;
    sum.reads += run.reads;
    sum.stalls += run.stalls;
    sum.waits += run.waits;
    load += busiest(tile, map->banks());
    for (const ListQuery& query : tile.queries) elements += query.kept + probe.depth;
  }
  const auto per = [](std::uint64_t value, std::uint64_t by) { return (value + by - 1) / by; };
  const std::uint64_t groups = per(sum.words, std::uint64_t{probe.groups} * probe.words_per_cycle);
  out << "| " << label << " | " << map_name << " | " << (multicast ? "multicast" : "unicast") << " | " << groups
      << " | " << per(elements, probe.vector_lanes) << " | " << load << " | " << sum.reads << " | " << sum.cycles
      << " | " << std::fixed << std::setprecision(0)
      << 100.0 * static_cast<double>(groups) / static_cast<double>(std::max<Cycles>(sum.cycles, 1)) << " % | "
      << per(sum.stalls, probe.groups) << " | " << per(sum.waits, probe.groups) << " |\n";
}

void print_mask(const ListProbe& probe, const std::string& label, const BitMask& mask, std::ostream& out) {
  for (const BankMapEntry& map : bank_maps()) {
    const bool asked = probe.maps.empty()
                           ? !map.takes_masks
                           : std::find(probe.maps.begin(), probe.maps.end(), map.name) != probe.maps.end();
    if (!asked) continue;
    for (const bool multicast : {false, true}) print_row(probe, label, mask, map.name, multicast, out);
  }
}

}  // namespace

int probe_lists(const ListProbe& probe, std::ostream& out) {
  if (probe.mask.empty() == probe.densities.empty()) {
    throw ConfigError("probe lists", "give --mask FILE or --density D, one of them");
  }
  for (const std::string& map : probe.maps) {
    if (const std::string mistake = bank_map_mistake(map); !mistake.empty()) throw ConfigError("--map", mistake);
    if (map == "matrix") throw ConfigError("--map", "'matrix' has no masks here");
  }
  out << probe.groups << " groups of " << probe.words_per_cycle << " words, " << probe.banks << " banks, FIFOs of "
      << probe.fifo_depth << ", " << probe.keys_per_word << " keys per word, " << probe.vector_lanes
      << " vector lanes, D = " << probe.depth << "; cycles are accel_cycles\n\n"
      << "| mask | map | words go | groups alone | softmax alone | requests at the busiest bank | reads | cycles | "
         "groups "
         "busy | stalls per group | waits per group |\n"
      << "|---|---|---|---|---|---|---|---|---|---|---|\n";
  if (!probe.mask.empty()) {
    print_mask(probe, probe.mask, read_mask(probe.mask, probe.choice), out);
    return 0;
  }
  for (const double density : probe.densities) {
    std::string label = std::to_string(density);
    label.erase(label.find_last_not_of('0') + 1);
    print_mask(probe, "density " + label + ", skew " + std::to_string(probe.skew),
               random_mask({probe.queries, probe.keys, density, probe.skew}, probe.seed), out);
  }
  return 0;
}

}  // namespace dixion

// SPDX-License-Identifier: Apache-2.0
#include "platform/dram/address_map.h"

#include <set>
#include <tuple>

#include <gtest/gtest.h>

#include "models/common/check.h"
#include "platform/dram/presets.h"

namespace dixion::dram {
namespace {

/// 2 groups x 2 banks, 5 rows of 8 atoms: 160 atoms per channel.
constexpr Geometry kSmall{2, 2, 5, 256, 32, 1};

std::string refusal(const MappingConfig& config, const Geometry& geometry = kSmall) {
  try {
    const AddressMap map(geometry, config);
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "";
}

/// Every atom of the device goes to a place of its own and comes back.
void expect_bijection(const Geometry& geometry, const MappingConfig& config) {
  const AddressMap map(geometry, config);
  std::set<std::tuple<unsigned, unsigned, unsigned, unsigned>> places;
  const std::uint64_t atoms = map.capacity_bytes() / geometry.atom_bytes;
  std::vector<std::uint64_t> next(config.channels, 0);
  for (std::uint64_t atom = 0; atom < atoms; ++atom) {
    const unsigned channel = map.channel(atom);
    ASSERT_EQ(map.local(atom, channel), next[channel]++) << "local numbers have gaps at atom " << atom;
    const Location place = map.locate(map.local(atom, channel));
    ASSERT_LT(place.bank, geometry.banks());
    ASSERT_LT(place.row, geometry.rows);
    ASSERT_LT(place.column, geometry.atoms_per_row());
    ASSERT_TRUE(places.insert({channel, place.bank, place.row, place.column}).second) << "atom " << atom;
    ASSERT_EQ(map.address(channel, place), atom * geometry.atom_bytes);
  }
  EXPECT_EQ(places.size(), atoms);
}

TEST(AddressMap, EveryAtomHasAPlaceOfItsOwn) {
  for (const unsigned channels : {1U, 2U, 3U, 5U, 8U, 12U}) {
    for (const char* order :
         {"row bank column group", "row column bank group", "row column:1 bank column:1 group column"}) {
      for (const char* xors :
           {"", "group.0^row.0", "group.0^row.0 bank.0^row.1 bank.0^column.2", "bank.0^group.0 group.0^bank.0"}) {
        SCOPED_TRACE(std::to_string(channels) + " channels, " + order + ", " + xors);
        expect_bijection(kSmall, {channels, 64, order, xors});
      }
    }
  }
}

TEST(AddressMap, DefaultOrderSpreadsNeighboursOverGroupsThenColumnsThenBanks) {
  const AddressMap map(find_preset("HBM2-2000").geometry, {});
  EXPECT_EQ(map.locate(0), (Location{0, 0, 0}));
  EXPECT_EQ(map.locate(1), (Location{0, 0, 4}));
  EXPECT_EQ(map.locate(4), (Location{0, 1, 0}));
  EXPECT_EQ(map.locate(128), (Location{0, 0, 1}));
  EXPECT_EQ(map.locate(512), (Location{1, 0, 0}));
}

TEST(AddressMap, RunIsAnIntervalInEveryChannel) {
  const AddressMap map(kSmall, {3, 64, "row bank column group", ""});
  for (std::uint64_t first = 0; first < 30; ++first) {
    for (std::uint64_t last = first; last < 40; ++last) {
      for (unsigned channel = 0; channel < 3; ++channel) {
        std::uint64_t count = 0;
        for (std::uint64_t atom = first; atom < last; ++atom) count += map.channel(atom) == channel ? 1 : 0;
        ASSERT_EQ(map.local(last, channel) - map.local(first, channel), count);
      }
    }
  }
}

TEST(AddressMap, ShiftByAPeriodMovesRowsOnly) {
  const Geometry geometry{2, 2, 64, 256, 32, 1};
  const AddressMap map(geometry, {1, 64, "row bank column group", "group.0^row.2 bank.0^row.0"});
  EXPECT_EQ(map.period_atoms(), 32U * 8);
  for (std::uint64_t atom = 0; atom < 1024; ++atom) {
    Location shifted = map.locate(atom + map.period_atoms());
    shifted.row -= 8;
    ASSERT_EQ(shifted, map.locate(atom));
  }
}

TEST(AddressMap, TwoAtomsInOnePlaceAreRefused) {
  EXPECT_EQ(refusal({1, 64, "row bank column group", "bank.0^bank.0"}),
            "dram mapping: is no bijection: flipping bit 9 of an address within its channel does the same as flipping "
            "lower ones");
  EXPECT_NE(refusal({1, 64, "row bank column group", "bank.0^group.0 group.0^bank.0 bank.0^group.0 bank.0^bank.0"}),
            "");
}

TEST(AddressMap, MistakesInTheTextAreNamed) {
  EXPECT_EQ(refusal({1, 64, "bank row column group", ""}),
            "dram mapping: the order must begin with 'row': 'bank row column group'");
  EXPECT_EQ(refusal({1, 64, "row bank column", ""}), "dram mapping: group has 1 bits, the order names 0");
  EXPECT_EQ(refusal({1, 64, "row bank:2 column group", ""}), "dram mapping: bank has 1 bits, the order names 2");
  EXPECT_EQ(refusal({1, 64, "row bank column:2 group", ""}), "dram mapping: column has 3 bits, the order names 2");
  EXPECT_EQ(refusal({1, 64, "row bank bank column group", ""}),
            "dram mapping: 'bank' stands twice without a number of bits");
  EXPECT_EQ(refusal({1, 64, "row rank bank column group", ""}),
            "dram mapping: unknown field 'rank'; there are row, bank, group, column");
  EXPECT_EQ(refusal({1, 64, "row bank column:x group", ""}), "dram mapping: 'column:x' has no number of bits");
  EXPECT_EQ(refusal({1, 64, "row bank column group", "bank.1^row.0"}),
            "dram mapping: 'bank.1': there are 1 bits of bank");
  EXPECT_EQ(refusal({1, 64, "row bank column group", "row.1^row.0"}),
            "dram mapping: 'row.1^row.0': row bits stay as they are");
  EXPECT_EQ(refusal({0, 64, "row bank column group", ""}), "dram mapping: channels is 0, must be 1 to 1024");
  EXPECT_EQ(refusal({1, 48, "row bank column group", ""}),
            "dram mapping: interleave_bytes is 48, must be a power of two from 32 to 1024");
}

}  // namespace
}  // namespace dixion::dram

// SPDX-License-Identifier: Apache-2.0
/// Where an address lies: channel, bank, row, column. A bijection, proved when it is built.
///
/// Atoms (bursts) are numbered from address 0. Blocks of `interleave_bytes` go to the channels in turn, for any number
/// of channels; the atoms of one channel are numbered again ("local"), without gaps. The bits of a local atom are cut
/// into fields in a given order, then bits may be XORed together.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "platform/dram/parameters.h"

namespace dixion::dram {

struct MappingConfig {
  unsigned channels = 1;  ///< 1 to 1024, any number
  std::uint32_t interleave_bytes = 256;
  /// Fields of a local atom from the most significant bit down, separated by blanks; "row" comes first, "bank:1" takes
  /// one bit, a field without a number takes all bits of it that are left.
  std::string order = "row bank column group";
  /// "group.0^row.0 bank.1^row.3": XORs one bit into another after the cut. Row bits stay as they are.
  std::string xors = {};
};

/// `bank` counts through the groups: group * banks_per_group + bank of the group.
struct Location {
  std::uint32_t row;
  std::uint32_t column;  ///< in atoms
  std::uint32_t bank;
  bool operator==(const Location&) const = default;
};

class AddressMap {
 public:
  /// Throws ConfigError (key "dram mapping") if the text is no mapping of this geometry, or maps two atoms to one
  /// place: the bits below the row must be a linear function of full rank over GF(2).
  AddressMap(const Geometry& geometry, const MappingConfig& config);

  [[nodiscard]] unsigned channels() const { return channels_; }
  [[nodiscard]] std::uint32_t atom_bytes() const { return atom_bytes_; }
  /// Bytes of all channels.
  [[nodiscard]] std::uint64_t capacity_bytes() const { return channel_atoms_ * channels_ * atom_bytes_; }

  [[nodiscard]] unsigned channel(std::uint64_t atom) const {
    const std::uint64_t block = atom >> interleave_shift_;
    return static_cast<unsigned>(block - round_of(block) * channels_);
  }
  /// Number of atoms below `atom` that lie in `channel`: the local number if `atom` lies there. So a run of atoms
  /// [a, b) is [local(a), local(b)) in each channel.
  [[nodiscard]] std::uint64_t local(std::uint64_t atom, unsigned channel) const {
    const std::uint64_t block = atom >> interleave_shift_;
    const std::uint64_t round = round_of(block);
    const auto place = static_cast<unsigned>(block - round * channels_);
    const std::uint64_t begun = atom & (interleave_atoms_ - 1);
    const std::uint64_t rest = place > channel ? interleave_atoms_ : place == channel ? begun : 0;
    return (round << interleave_shift_) + rest;
  }
  [[nodiscard]] Location locate(std::uint64_t local_atom) const;
  [[nodiscard]] std::uint32_t row(std::uint64_t local_atom) const {
    return static_cast<std::uint32_t>(local_atom >> row_shift_);
  }
  /// Inverse of local() and locate(): the first byte of the atom there.
  [[nodiscard]] std::uint64_t address(unsigned channel, const Location& location) const;

  /// Local atoms after which the mapping repeats, rows shifted: one row of every bank, times the rows that XORs tell
  /// apart. A power of two, and a multiple of the interleaved block.
  [[nodiscard]] std::uint64_t period_atoms() const { return period_atoms_; }
  /// What local atoms have in common for whoever counts time only. Banks of a group are alike, columns of a row are:
  /// the bank that follows takes the role of the one before, and within a row nothing but the cycle of banks matters.
  struct Pattern {
    std::uint64_t period;   ///< atoms after which all is the same again, in the next rows
    std::uint64_t cycle;    ///< within a stripe, atoms after which banks are visited anew
    unsigned stripe_shift;  ///< log2 of atoms in the same rows
    unsigned turn_bits;     ///< log2 of stripes until the row number changes: the others lie in the group's next bank
    bool endless;           ///< `cycle` is all that matters of a place as long as the stripe does not end

    [[nodiscard]] std::uint64_t stripe(std::uint64_t local) const { return local >> stripe_shift; }
    /// Atoms from here to the next stripe.
    [[nodiscard]] std::uint64_t left(std::uint64_t local) const {
      const std::uint64_t atoms = std::uint64_t{1} << stripe_shift;
      return atoms - (local & (atoms - 1));
    }
  };
  /// `alike`: banks of a group may stand for each other.
  [[nodiscard]] Pattern pattern(bool alike) const;
  [[nodiscard]] std::uint32_t interleave_bytes() const {
    return static_cast<std::uint32_t>(interleave_atoms_ * atom_bytes_);
  }

 private:
  enum FieldName : std::uint8_t { kRow, kBank, kGroup, kColumn, kFields };
  struct Segment {
    FieldName field;
    std::uint8_t from;  // bit of the local atom
    std::uint8_t to;    // bit of the field
    std::uint8_t width;
  };
  struct Xor {
    FieldName target;
    std::uint8_t target_bit;
    FieldName source;
    std::uint8_t source_bit;
  };
  /// block / channels, by a multiplication: exact while block * channels is below 2^64.
  [[nodiscard]] std::uint64_t round_of(std::uint64_t block) const {
    __extension__ using Wide = unsigned __int128;
    return channels_ == 1 ? block : static_cast<std::uint64_t>(Wide{block} * reciprocal_ >> 64);
  }
  void parse_order(const std::string& order);
  void parse_xors(const std::string& xors);
  void prove_bijection() const;
  [[nodiscard]] std::uint64_t below_row(std::uint64_t local_atom) const;

  unsigned channels_;
  std::uint32_t atom_bytes_;
  std::uint64_t reciprocal_ = 0;  // 2^64 / channels, rounded up
  std::uint64_t interleave_atoms_;
  unsigned interleave_shift_ = 0;
  std::uint64_t channel_atoms_;
  std::uint8_t width_[kFields] = {};  // bits; row: unused
  unsigned row_shift_ = 0;
  unsigned row_bits_ = 0;
  std::uint64_t period_atoms_ = 1;
  std::vector<Segment> segments_;  // all but row
  std::vector<Xor> xors_;
};

}  // namespace dixion::dram

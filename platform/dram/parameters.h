// SPDX-License-Identifier: Apache-2.0
/// What a DRAM channel is made of and which distances between its commands it demands. All times are in cycles of the
/// command clock; each value of a preset names its source. Read next: presets.h, docs/memory.md.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace dixion::dram {

/// One channel (HBM: one pseudo-channel) with one rank. All counts are powers of two but `rows`.
struct Geometry {
  unsigned bank_groups = 4;
  unsigned banks_per_group = 4;
  std::uint64_t rows = 0;          ///< per bank, any number
  std::uint32_t row_bytes = 0;     ///< of one bank
  std::uint32_t atom_bytes = 32;   ///< one burst; what a column address selects
  unsigned banks_per_refresh = 1;  ///< refreshed together by one per-bank refresh

  [[nodiscard]] unsigned banks() const { return bank_groups * banks_per_group; }
  [[nodiscard]] unsigned atoms_per_row() const { return row_bytes / atom_bytes; }
  [[nodiscard]] std::uint64_t channel_bytes() const { return rows * row_bytes * banks(); }
};

/// Distances between commands, in command clocks, from the issue of one to the issue of the other.
struct Timing {
  std::uint32_t cl = 0;                ///< RD to first data
  std::uint32_t cwl = 0;               ///< WR to first data
  std::uint32_t burst = 0;             ///< data bus of one atom
  std::uint32_t burst_same_group = 0;  ///< what an atom occupies its bank group (LPDDR5: BL/n_max), at least `burst`
  std::uint32_t ccd_s = 0;             ///< RD to RD, WR to WR, other bank group
  std::uint32_t ccd_l = 0;             ///< the same, same bank group
  std::uint32_t rcd_read = 0;          ///< ACT to RD
  std::uint32_t rcd_write = 0;         ///< ACT to WR
  std::uint32_t rp = 0;                ///< PRE to ACT
  std::uint32_t rp_all = 0;            ///< PRE of all banks to REF
  std::uint32_t ras = 0;               ///< ACT to PRE
  std::uint32_t rc = 0;                ///< ACT to ACT, same bank
  std::uint32_t wr = 0;                ///< end of write data to PRE
  std::uint32_t rtp = 0;               ///< RD to PRE
  std::uint32_t rtw = 0;               ///< RD to WR
  std::uint32_t wtr_s = 0;             ///< end of write data to RD, other bank group
  std::uint32_t wtr_l = 0;             ///< the same, same bank group
  std::uint32_t rrd_s = 0;             ///< ACT to ACT, other bank group
  std::uint32_t rrd_l = 0;             ///< the same, same bank group
  std::uint32_t faw = 0;               ///< ACT to the fourth ACT after it
  std::uint32_t ppd = 0;               ///< PRE to PRE
  std::uint32_t rfc_all = 0;           ///< REF of all banks to ACT
  std::uint32_t rfc_bank = 0;          ///< REF of a bank to ACT of that bank
  std::uint32_t ref_to_ref = 0;        ///< REF of a bank to REF of another
  std::uint32_t ref_to_act = 0;        ///< REF of a bank to ACT of another
  std::uint32_t refi = 0;              ///< mean distance of REF of all banks

  /// WR to RD, WR to PRE: their standards count from the end of the data.
  [[nodiscard]] std::uint32_t write_to_read_s() const { return cwl + burst + wtr_s; }
  [[nodiscard]] std::uint32_t write_to_read_l() const { return cwl + burst_same_group + wtr_l; }
  [[nodiscard]] std::uint32_t write_to_pre() const { return cwl + burst + wr; }
};

/// Name, meaning and place of one member of Timing.
struct TimingField {
  const char* name;
  const char* meaning;
  std::uint32_t Timing::*member;
};
[[nodiscard]] std::span<const TimingField> timing_fields();

struct Preset {
  std::string name;
  std::uint64_t clock_hz = 0;  ///< command clock
  unsigned channel_bits = 0;   ///< width of the channel's data bus
  bool scaled = false;         ///< not from a standard: analogue times kept in ns, rounded up to clocks
  std::string note;            ///< what the preset stands for
  Geometry geometry;
  Timing timing;
  bool separate_row_bus = false;            ///< ACT, PRE, REF do not take slots of RD and WR (HBM)
  std::uint32_t activate_slots = 1;         ///< clocks that ACT takes on its bus
  bool refresh_counts_as_activate = false;  ///< REF of a bank counts in the four-activate window
  std::vector<std::string> sources;         ///< of each timing field, in the order of timing_fields()

  /// Bytes per second on the data bus of one channel, rounded down.
  [[nodiscard]] std::uint64_t peak_bytes_per_second() const { return clock_hz * geometry.atom_bytes / timing.ccd_s; }
  /// Distance of per-bank refreshes, in command clocks.
  [[nodiscard]] std::uint32_t refi_bank() const { return timing.refi * geometry.banks_per_refresh / geometry.banks(); }
};

/// Throws ConfigError ("dram preset NAME", "rc is 40, must be at least ras + rp - 1 = 56") for the first rule that the
/// preset breaks.
void validate(const Preset& preset);

}  // namespace dixion::dram

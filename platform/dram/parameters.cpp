// SPDX-License-Identifier: Apache-2.0
#include "platform/dram/parameters.h"

#include <array>
#include <bit>

#include "models/common/check.h"

namespace dixion::dram {

namespace {

constexpr std::array kFields{
    TimingField{"cl", "RD to first data", &Timing::cl},
    TimingField{"cwl", "WR to first data", &Timing::cwl},
    TimingField{"burst", "data bus of one atom", &Timing::burst},
    TimingField{"burst_same_group", "an atom in its bank group", &Timing::burst_same_group},
    TimingField{"ccd_s", "column to column, other group", &Timing::ccd_s},
    TimingField{"ccd_l", "column to column, same group", &Timing::ccd_l},
    TimingField{"rcd_read", "ACT to RD", &Timing::rcd_read},
    TimingField{"rcd_write", "ACT to WR", &Timing::rcd_write},
    TimingField{"rp", "PRE to ACT", &Timing::rp},
    TimingField{"rp_all", "PRE of all banks to REF", &Timing::rp_all},
    TimingField{"ras", "ACT to PRE", &Timing::ras},
    TimingField{"rc", "ACT to ACT, same bank", &Timing::rc},
    TimingField{"wr", "end of write data to PRE", &Timing::wr},
    TimingField{"rtp", "RD to PRE", &Timing::rtp},
    TimingField{"rtw", "RD to WR", &Timing::rtw},
    TimingField{"wtr_s", "end of write data to RD, other group", &Timing::wtr_s},
    TimingField{"wtr_l", "end of write data to RD, same group", &Timing::wtr_l},
    TimingField{"rrd_s", "ACT to ACT, other group", &Timing::rrd_s},
    TimingField{"rrd_l", "ACT to ACT, same group", &Timing::rrd_l},
    TimingField{"faw", "ACT to the fourth ACT after it", &Timing::faw},
    TimingField{"ppd", "PRE to PRE", &Timing::ppd},
    TimingField{"rfc_all", "REF of all banks to ACT", &Timing::rfc_all},
    TimingField{"rfc_bank", "REF of a bank to ACT of it", &Timing::rfc_bank},
    TimingField{"ref_to_ref", "REF of a bank to REF of another", &Timing::ref_to_ref},
    TimingField{"ref_to_act", "REF of a bank to ACT of another", &Timing::ref_to_act},
    TimingField{"refi", "mean distance of REF of all banks", &Timing::refi},
};

class Rules {
 public:
  explicit Rules(const Preset& preset) : key_("dram preset " + preset.name) {}

  void at_least(const char* name, std::uint64_t value, const std::string& rule, std::uint64_t bound) const {
    if (value < bound) {
      throw ConfigError(key_, std::string(name) + " is " + std::to_string(value) + ", must be at least " + rule +
                                  (rule == std::to_string(bound) ? "" : " = " + std::to_string(bound)));
    }
  }
  void power_of_two(const char* name, std::uint64_t value, std::uint64_t most) const {
    if (!std::has_single_bit(value) || value > most) {
      throw ConfigError(key_, std::string(name) + " is " + std::to_string(value) + ", must be a power of two up to " +
                                  std::to_string(most));
    }
  }

 private:
  std::string key_;
};

void validate_geometry(const Preset& preset, const Rules& rules) {
  const Geometry& g = preset.geometry;
  rules.power_of_two("bank_groups", g.bank_groups, 8);
  rules.power_of_two("banks_per_group", g.banks_per_group, 8);
  rules.power_of_two("banks", g.banks(), 32);
  rules.power_of_two("atom_bytes", g.atom_bytes, 256);
  rules.power_of_two("row_bytes", g.row_bytes, 65536);
  rules.at_least("row_bytes", g.row_bytes, "atom_bytes", g.atom_bytes);
  rules.at_least("rows", g.rows, "1", 1);
  rules.power_of_two("banks_per_refresh", g.banks_per_refresh, g.banks());
}

}  // namespace

std::span<const TimingField> timing_fields() { return kFields; }

void validate(const Preset& preset) {
  const Rules rules(preset);
  const Timing& t = preset.timing;
  rules.at_least("clock_hz", preset.clock_hz, "1000000", 1'000'000);
  validate_geometry(preset, rules);
  for (const TimingField& field : kFields) {
    rules.at_least(field.name, t.*field.member, "1", 1);
    if (t.*field.member > 1'000'000) {
      throw ConfigError("dram preset " + preset.name, std::string(field.name) + " is above 1000000 clocks");
    }
  }
  rules.at_least("activate_slots", preset.activate_slots, "1", 1);
  rules.at_least("burst_same_group", t.burst_same_group, "burst", t.burst);
  rules.at_least("ccd_s", t.ccd_s, "burst", t.burst);
  rules.at_least("ccd_l", t.ccd_l, "ccd_s", t.ccd_s);
  rules.at_least("rtw + cwl", t.rtw + t.cwl, "cl + burst", t.cl + t.burst);
  rules.at_least("wtr_l", t.wtr_l, "wtr_s", t.wtr_s);
  rules.at_least("rrd_s", t.rrd_s, "activate_slots", preset.activate_slots);
  rules.at_least("rrd_l", t.rrd_l, "rrd_s", t.rrd_s);
  rules.at_least("faw", t.faw, "rrd_s", t.rrd_s);
  rules.at_least("ras", t.ras, "rcd_read", t.rcd_read);
  // Each is rounded up to clocks by itself, so the sum may exceed a tRC that was rounded once.
  rules.at_least("rc", t.rc, "ras + rp - 1", t.ras + t.rp - 1);
  rules.at_least("rp_all", t.rp_all, "rp", t.rp);
  rules.at_least("rfc_all", t.rfc_all, "rfc_bank", t.rfc_bank);
  rules.at_least("rfc_bank", t.rfc_bank, "ref_to_act", t.ref_to_act);
  rules.at_least("refi", t.refi, "2 x (rfc_all + rp_all + rc)", 2 * (t.rfc_all + t.rp_all + t.rc));
  rules.at_least("refi / banks", preset.refi_bank(), "ref_to_ref", t.ref_to_ref);
  if (preset.sources.size() != kFields.size()) {
    throw ConfigError("dram preset " + preset.name, "names " + std::to_string(preset.sources.size()) + " sources for " +
                                                        std::to_string(kFields.size()) + " values");
  }
}

}  // namespace dixion::dram

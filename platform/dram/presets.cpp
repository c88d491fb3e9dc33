// SPDX-License-Identifier: Apache-2.0
#include "platform/dram/presets.h"

#include <algorithm>
#include <charconv>
#include <sstream>

#include "models/common/check.h"

namespace dixion::dram {

namespace {

constexpr const char* kLpddr5 = "JESD209-5B, as quoted in Ramulator 2.1 lpddr5.py";
constexpr const char* kGddr6 = "Samsung 8 Gb GDDR6, as quoted in Ramulator 2.1 gddr6.py (14 Gb/s, 1.35 V)";
constexpr const char* kHbm2 = "Ramulator 2.1 hbm2.py";
constexpr const char* kHbm3 = "JESD238, as quoted in Ramulator 2.1 hbm3.py";

/// Fills a preset value by value, each with its source.
class Builder {
 public:
  Builder(std::string name, std::uint64_t clock_hz, unsigned channel_bits, Geometry geometry, std::string note) {
    preset_.name = std::move(name);
    preset_.clock_hz = clock_hz;
    preset_.channel_bits = channel_bits;
    preset_.geometry = geometry;
    preset_.note = std::move(note);
    preset_.sources.resize(timing_fields().size());
  }
  /// A value that is given in clocks.
  Builder& clocks(std::uint32_t Timing::*field, std::uint32_t value, const std::string& source) {
    preset_.timing.*field = value;
    const auto fields = timing_fields();
    for (std::size_t i = 0; i < fields.size(); ++i) {
      if (fields[i].member == field) preset_.sources[i] = source;
    }
    return *this;
  }
  /// A value that is given in picoseconds, rounded up to clocks; at least `least` clocks.
  Builder& ps(std::uint32_t Timing::*field, std::uint64_t value, const std::string& source, std::uint32_t least = 0) {
    const std::uint64_t cycles = (value * (preset_.clock_hz / 1000) + 999'999'999) / 1'000'000'000;
    const std::string ns = std::to_string(value / 1000) + (value % 1000 == 0 ? "" : "." + fraction(value % 1000)) +
                           " ns" + (least == 0 ? "" : ", at least " + std::to_string(least) + " clocks");
    return clocks(field, std::max(static_cast<std::uint32_t>(cycles), least), ns + "; " + source);
  }
  Builder& row_bus(std::uint32_t activate_slots) {
    preset_.separate_row_bus = true;
    preset_.activate_slots = activate_slots;
    return *this;
  }
  Builder& activate_slots(std::uint32_t slots) {
    preset_.activate_slots = slots;
    return *this;
  }
  Builder& refresh_counts_as_activate() {
    preset_.refresh_counts_as_activate = true;
    return *this;
  }
  Builder& scaled() {
    preset_.scaled = true;
    return *this;
  }
  [[nodiscard]] const Timing& timing() const { return preset_.timing; }
  [[nodiscard]] Preset done() const {
    validate(preset_);
    return preset_;
  }

 private:
  static std::string fraction(std::uint64_t thousandths) {
    std::string digits = std::to_string(1000 + thousandths).substr(1);
    while (digits.back() == '0') digits.pop_back();
    return digits;
  }
  Preset preset_;
};

/// LPDDR5 in bank-group mode, BL16, one x16 channel of a 16 Gb die. `source` stands at every value.
Preset lpddr5(const std::string& name, std::uint64_t clock_hz, std::uint64_t cl_ps, std::uint64_t cwl_ps, bool scaled,
              const std::string& source) {
  Builder b(name, clock_hz, 16, {4, 4, 65536, 2048, 32, 2}, "x16 channel of a 16 Gb die, bank-group mode, BL16");
  b.ps(&Timing::cl, cl_ps, source).ps(&Timing::cwl, cwl_ps, source);
  b.clocks(&Timing::burst, 2, "BL/n_min of BL16; " + source);
  b.clocks(&Timing::burst_same_group, 4, "BL/n_max of BL16; " + source);
  b.clocks(&Timing::ccd_s, 2, source).clocks(&Timing::ccd_l, 4, source);
  b.ps(&Timing::rcd_read, 18'000, source).ps(&Timing::rcd_write, 18'000, source);
  b.ps(&Timing::rp, 18'000, source).ps(&Timing::rp_all, 21'000, source).ps(&Timing::ras, 42'000, source);
  b.clocks(&Timing::rc, b.timing().ras + b.timing().rp, "ras + rp; " + source);
  b.ps(&Timing::wr, 34'000, source).ps(&Timing::rtp, 7'500, source, 8);
  b.clocks(&Timing::rtw, b.timing().cl + b.timing().burst + 2 - b.timing().cwl,
           "cl + burst + 2 - cwl, as Ramulator 2.1 lpddr5.py forms it");
  b.ps(&Timing::wtr_s, 6'250, source).ps(&Timing::wtr_l, 12'000, source);
  b.ps(&Timing::rrd_s, 5'000, source, 4).ps(&Timing::rrd_l, 5'000, source, 4).ps(&Timing::faw, 20'000, source, 16);
  b.clocks(&Timing::ppd, 2, source);
  b.ps(&Timing::rfc_all, 280'000, "16 Gb; " + source).ps(&Timing::rfc_bank, 140'000, "16 Gb; " + source);
  b.ps(&Timing::ref_to_ref, 90'000, source).ps(&Timing::ref_to_act, 7'500, source);
  // Rounded down: a refresh may not come late.
  b.clocks(&Timing::refi, static_cast<std::uint32_t>(3'906'000 * (clock_hz / 1000) / 1'000'000'000),
           "3906 ns; " + source);
  b.activate_slots(2);
  if (scaled) b.scaled();
  return b.done();
}

Preset gddr6() {
  Builder b("GDDR6-14", 1'750'000'000, 16, {4, 4, 16384, 2048, 32, 1},
            "16-bit channel of an 8 Gb x16 device with two channels, 14 Gb/s, 1.35 V");
  const std::string s = kGddr6;
  b.clocks(&Timing::cl, 24, s).clocks(&Timing::cwl, 6, s).clocks(&Timing::burst, 2, "BL16; " + s);
  b.clocks(&Timing::burst_same_group, 2, "BL16; " + s);
  b.clocks(&Timing::ccd_s, 2, s).clocks(&Timing::ccd_l, 4, s);
  b.clocks(&Timing::rcd_read, 27, s).clocks(&Timing::rcd_write, 16, s).clocks(&Timing::rp, 27, s);
  b.clocks(&Timing::rp_all, 27, "as rp; " + s).clocks(&Timing::ras, 53, s).clocks(&Timing::rc, 79, s);
  b.clocks(&Timing::wr, 27, s).clocks(&Timing::rtp, 4, s).clocks(&Timing::rtw, 25, "cl + 1; " + s);
  b.clocks(&Timing::wtr_s, 9, s).clocks(&Timing::wtr_l, 11, s);
  b.clocks(&Timing::rrd_s, 8, s).clocks(&Timing::rrd_l, 8, s).clocks(&Timing::faw, 29, s).clocks(&Timing::ppd, 1, s);
  b.clocks(&Timing::rfc_all, 211, s).clocks(&Timing::rfc_bank, 106, s);
  b.clocks(&Timing::ref_to_ref, 106, "assumed: one bank at a time, as rfc_bank");
  b.clocks(&Timing::ref_to_act, 15, s);
  b.clocks(&Timing::refi, 3325, "1.9 us, rounded down; " + s);
  b.refresh_counts_as_activate();
  return b.done();
}

Preset hbm2(const std::string& name, std::uint64_t clock_hz, const Timing& t, bool scaled, const std::string& s) {
  Builder b(name, clock_hz, 64, {4, 4, 32768, 1024, 32, 1},
            "64-bit pseudo-channel of an 8 Gb channel, BL4; 16 per stack of 8 channels");
  b.clocks(&Timing::cl, t.cl, s).clocks(&Timing::cwl, t.cwl, s).clocks(&Timing::burst, 2, "BL4; " + std::string(kHbm2));
  b.clocks(&Timing::burst_same_group, 2, "BL4; " + std::string(kHbm2));
  b.clocks(&Timing::ccd_s, 2, kHbm2).clocks(&Timing::ccd_l, t.ccd_l, s);
  b.clocks(&Timing::rcd_read, t.rcd_read, s).clocks(&Timing::rcd_write, t.rcd_write, s).clocks(&Timing::rp, t.rp, s);
  b.clocks(&Timing::rp_all, t.rp, "as rp; " + s).clocks(&Timing::ras, t.ras, s);
  b.clocks(&Timing::rc, t.rc, s).clocks(&Timing::wr, t.wr, s).clocks(&Timing::rtp, t.rtp, s);
  b.clocks(&Timing::rtw, t.cl + 2 + 1 - t.cwl, "cl + burst - cwl and one clock to turn the bus (assumed)");
  b.clocks(&Timing::wtr_s, t.wtr_s, s).clocks(&Timing::wtr_l, t.wtr_l, s);
  b.ps(&Timing::rrd_s, 4'000, kHbm2).ps(&Timing::rrd_l, 4'000, kHbm2).ps(&Timing::faw, 15'000, kHbm2);
  b.clocks(&Timing::ppd, 1, "assumed: one row command per clock");
  b.ps(&Timing::rfc_all, 350'000, "8 Gb; " + std::string(kHbm2)).ps(&Timing::rfc_bank, 160'000, kHbm2);
  b.ps(&Timing::ref_to_ref, 160'000, "assumed: one bank at a time, as rfc_bank");
  b.clocks(&Timing::ref_to_act, 8, kHbm2);
  b.clocks(&Timing::refi, static_cast<std::uint32_t>(3'900'000 * (clock_hz / 1000) / 1'000'000'000),
           "3900 ns, rounded down; " + std::string(kHbm2));
  b.row_bus(1).refresh_counts_as_activate();
  if (scaled) b.scaled();
  return b.done();
}

constexpr Timing kHbm2At2000{.cl = 14,
                             .cwl = 5,
                             .ccd_l = 4,
                             .rcd_read = 14,
                             .rcd_write = 12,
                             .rp = 14,
                             .ras = 34,
                             .rc = 48,
                             .wr = 16,
                             .rtp = 5,
                             .wtr_s = 6,
                             .wtr_l = 8};
constexpr Timing kHbm2At2400{.cl = 17,
                             .cwl = 6,
                             .ccd_l = 4,
                             .rcd_read = 17,
                             .rcd_write = 14,
                             .rp = 17,
                             .ras = 40,
                             .rc = 57,
                             .wr = 19,
                             .rtp = 6,
                             .wtr_s = 8,
                             .wtr_l = 10};

/// HBM2-2400's times in ns at 1,512 MHz, rounded up.
Timing hbm2_at_3024() {
  Timing t = kHbm2At2400;
  for (const TimingField& field : timing_fields()) t.*field.member = (t.*field.member * 1512 + 1199) / 1200;
  t.rc = std::max(t.rc, t.ras + t.rp);
  return t;
}

Preset hbm3() {
  Builder b("HBM3-6400", 1'600'000'000, 32, {4, 4, 32768, 1024, 32, 1},
            "32-bit pseudo-channel of an 8 Gb channel, BL8, one stack ID; 32 per stack of 16 channels");
  const std::string s = kHbm3;
  b.clocks(&Timing::cl, 20, s).clocks(&Timing::cwl, 10, s).clocks(&Timing::burst, 2, "BL8; " + s);
  b.clocks(&Timing::burst_same_group, 2, "BL8; " + s).clocks(&Timing::ccd_s, 2, s).clocks(&Timing::ccd_l, 4, s);
  b.clocks(&Timing::rcd_read, 31, s).clocks(&Timing::rcd_write, 15, s).clocks(&Timing::rp, 26, s);
  b.clocks(&Timing::rp_all, 26, "as rp; " + s).clocks(&Timing::ras, 45, s).clocks(&Timing::rc, 72, s);
  b.clocks(&Timing::wr, 33, s).clocks(&Timing::rtp, 9, s).clocks(&Timing::rtw, 20, s);
  b.clocks(&Timing::wtr_s, 7, s).clocks(&Timing::wtr_l, 10, s);
  b.clocks(&Timing::rrd_s, 4, s).clocks(&Timing::rrd_l, 5, s).ps(&Timing::faw, 15'000, s);
  b.clocks(&Timing::ppd, 1, "assumed: row commands take half a clock");
  b.ps(&Timing::rfc_all, 350'000, "8 Gb per channel; " + s).ps(&Timing::rfc_bank, 200'000, s);
  b.ps(&Timing::ref_to_ref, 200'000, "assumed: one bank at a time, as rfc_bank");
  b.ps(&Timing::ref_to_act, 8'000, "the resolver's rule there, stricter than its table's 8 clocks; " + s, 3);
  b.clocks(&Timing::refi, 6240, "3900 ns; " + s);
  // ACT takes one and a half clocks; whole clocks here.
  b.row_bus(2).refresh_counts_as_activate();
  return b.done();
}

}  // namespace

const std::vector<Preset>& presets() {
  static const std::vector<Preset> all{
      lpddr5("LPDDR5-6400", 800'000'000, 21'250, 11'250, false, kLpddr5),
      lpddr5("LPDDR5X-8533", 1'066'625'000, 21'250, 11'250, true, "scaled, not from a standard: LPDDR5-6400's value"),
      gddr6(),
      hbm2("HBM2-2000", 1'000'000'000, kHbm2At2000, false, kHbm2),
      hbm2("HBM2-2400", 1'200'000'000, kHbm2At2400, false, kHbm2),
      hbm2("HBM2E-3024", 1'512'000'000, hbm2_at_3024(), true,
           "scaled, not from a standard: HBM2-2400's ns, rounded up"),
      hbm3(),
  };
  return all;
}

const Preset& find_preset(const std::string& name) {
  std::string names;
  for (const Preset& preset : presets()) {
    if (preset.name == name) return preset;
    names += (names.empty() ? "" : ", ") + preset.name;
  }
  throw ConfigError("dram preset", "there is no '" + name + "'; there are " + names);
}

Preset changed(Preset preset, const std::string& changes) {
  std::istringstream words(changes);
  bool any = false;
  for (std::string word; words >> word; any = true) {
    const std::size_t equals = word.find('=');
    const std::string name = word.substr(0, equals);
    std::uint64_t value = 0;
    const char* const end = word.data() + word.size();
    const bool number = equals != std::string::npos && std::from_chars(word.data() + equals + 1, end, value) ==
                                                           std::from_chars_result{end, std::errc{}};
    if (!number) throw ConfigError("dram timing", "'" + word + "' must look like rcd_read=20");
    bool known = name == "clock_hz" || name == "rows";
    if (name == "clock_hz") preset.clock_hz = value;
    if (name == "rows") preset.geometry.rows = value;
    const auto fields = timing_fields();
    for (std::size_t i = 0; i < fields.size(); ++i) {
      if (name != fields[i].name) continue;
      if (value > 1'000'000) throw ConfigError("dram timing", "'" + word + "' is above 1000000 clocks");
      preset.timing.*fields[i].member = static_cast<std::uint32_t>(value);
      preset.sources[i] = "configuration";
      known = true;
    }
    if (!known) throw ConfigError("dram timing", "there is no value '" + name + "'; docs/memory.md lists them");
  }
  if (any) preset.name += "*";
  return preset;
}

}  // namespace dixion::dram

// SPDX-License-Identifier: Apache-2.0
#include "platform/dram/conformance.h"

#include <algorithm>
#include <cmath>

#include "platform/dram/channel.h"

namespace dixion::dram {

namespace {

constexpr unsigned kBursts = 4'096;  // of 16 banks: 256 rows each
constexpr unsigned kIntervals = 64;

/// One channel, bursts placed by hand, the time of each.
class Bench {
 public:
  Bench(const Preset& preset, RefreshMode refresh)
      : map_(preset.geometry, {}), channel_(preset, {.window = 32, .refresh = refresh}, map_, nullptr) {}

  void read(unsigned bank, std::uint32_t row, std::uint32_t column = 0) {
    channel_.add_request({count_++, {row, column, bank}, channel_.state().now, false, Requester::kOther});
  }
  /// End of data on the bus of all bursts so far, in the order they were served.
  std::vector<Cycles> run() {
    while (channel_.busy()) channel_.run(channel_.state().now + 1'000'000, true);
    std::vector<Cycles> finishes;
    for (const Channel::Served& served : channel_.served()) finishes.push_back(served.finish);
    channel_.served().clear();
    return finishes;
  }
  void wait(Cycles cycles) { channel_.run(channel_.state().now + cycles, false); }
  [[nodiscard]] Cycles now() const { return channel_.state().now; }

 private:
  AddressMap map_;
  Channel channel_;
  std::uint32_t count_ = 0;
};

/// Clocks per burst once all is under way.
double clocks_per_burst(const std::vector<Cycles>& finishes) {
  const std::size_t begin = finishes.size() / 4;
  return static_cast<double>(finishes.back() - finishes[begin]) / static_cast<double>(finishes.size() - 1 - begin);
}

class Sheet {
 public:
  explicit Sheet(const Preset& preset) : p_(preset), t_(preset.timing) {}

  std::vector<ConformanceRow> rows() {
    add("peak", "atom_bytes / ccd_s", "GB/s", gigabytes(t_.ccd_s), gigabytes(streaming()));
    add("hit latency", "cl", "ns", ns(t_.cl), ns(latency(0)));
    add("closed-row latency", "rcd_read + cl", "ns", ns(t_.rcd_read + t_.cl), ns(latency(1)));
    add("conflict latency", "rp + rcd_read + cl", "ns", ns(t_.rp + t_.rcd_read + t_.cl), ns(latency(2)));
    const double four = std::max(t_.faw, 4 * t_.rrd_s);
    add("one burst per activation", "ccd_s / (max(faw, 4 rrd_s) / 4)", "% of peak", 100 * t_.ccd_s / (four / 4),
        100 * t_.ccd_s / activations());
    add("one bank group", "ccd_s / ccd_l", "% of peak", 100.0 * t_.ccd_s / t_.ccd_l, 100 * t_.ccd_s / one_group());
    // On average over intervals: a burst less than fits into the gap that a refresh makes.
    const double gap = t_.rtp + t_.rp_all + t_.rfc_all + t_.rcd_read - t_.ccd_l;
    add("refresh loss", "(rtp + rp_all + rfc_all + rcd_read - ccd_l) / refi", "%", 100 * gap / t_.refi,
        100 * (1 - refreshed() * t_.ccd_l / t_.refi));
    return rows_;
  }

 private:
  void add(const char* name, const char* formula, const char* unit, double expected, double measured) {
    rows_.push_back({name, formula, unit, expected, measured});
  }
  [[nodiscard]] double ns(double clocks) const { return clocks * 1e9 / static_cast<double>(p_.clock_hz); }
  [[nodiscard]] double gigabytes(double clocks_per_atom) const { return p_.geometry.atom_bytes / ns(clocks_per_atom); }
  [[nodiscard]] unsigned bank(unsigned group, unsigned in_group = 0) const {
    return group % p_.geometry.bank_groups * p_.geometry.banks_per_group + in_group % p_.geometry.banks_per_group;
  }

  /// Hits that walk over the groups.
  double streaming() const {
    Bench bench(p_, RefreshMode::kNone);
    for (unsigned i = 0; i < kBursts; ++i) bench.read(bank(i), 0, i % p_.geometry.atoms_per_row());
    return clocks_per_burst(bench.run());
  }
  /// To the first data of one burst: 0 row open, 1 bank closed, 2 another row open. Everything before is long over.
  double latency(int state) const {
    Bench bench(p_, RefreshMode::kNone);
    if (state != 1) bench.read(0, state == 0 ? 5 : 6);
    bench.run();
    bench.wait(10'000);
    const Cycles arrival = bench.now();
    bench.read(0, 5);
    // A burst is through `burst` after its command; its first data come cl after it.
    return static_cast<double>(bench.run().back() - t_.burst + t_.cl - arrival);
  }
  /// A row of its own for every burst, in all banks in turn.
  double activations() const {
    Bench bench(p_, RefreshMode::kNone);
    for (unsigned i = 0; i < kBursts; ++i) {
      const unsigned group = i % p_.geometry.bank_groups;
      const unsigned turn = i / p_.geometry.bank_groups;
      bench.read(bank(group, turn), turn / p_.geometry.banks_per_group);
    }
    return clocks_per_burst(bench.run());
  }
  double one_group() const {
    Bench bench(p_, RefreshMode::kNone);
    for (unsigned i = 0; i < kBursts; ++i) bench.read(0, 0, i % p_.geometry.atoms_per_row());
    return clocks_per_burst(bench.run());
  }
  /// Hits in one bank, served per refresh interval.
  double refreshed() const {
    Bench bench(p_, RefreshMode::kAllBank);
    const std::uint64_t bursts = std::uint64_t{kIntervals + 4} * t_.refi / t_.ccd_l;
    for (std::uint64_t i = 0; i < bursts; ++i)
      bench.read(0, 0, static_cast<std::uint32_t>(i % p_.geometry.atoms_per_row()));
    const std::vector<Cycles> finishes = bench.run();
    const Cycles begin = Cycles{2} * t_.refi + t_.burst;
    const Cycles end = begin + Cycles{kIntervals} * t_.refi;
    const auto count =
        std::count_if(finishes.begin(), finishes.end(), [&](Cycles at) { return at >= begin && at < end; });
    return static_cast<double>(count) / kIntervals;
  }

  const Preset& p_;
  const Timing& t_;
  std::vector<ConformanceRow> rows_;
};

}  // namespace

double ConformanceRow::deviation() const { return std::abs(measured - expected) / expected; }

std::vector<ConformanceRow> conformance(const Preset& preset) { return Sheet(preset).rows(); }

}  // namespace dixion::dram

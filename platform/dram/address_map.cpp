// SPDX-License-Identifier: Apache-2.0
#include "platform/dram/address_map.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <sstream>

#include "models/common/check.h"

namespace dixion::dram {

namespace {

constexpr const char* kNames[] = {"row", "bank", "group", "column"};

[[noreturn]] void refuse(const std::string& reason) { throw ConfigError("dram mapping", reason); }

/// 0 to 3, or 4 for an unknown name.
unsigned field_of(const std::string& name) {
  return static_cast<unsigned>(std::find(std::begin(kNames), std::end(kNames), name) - std::begin(kNames));
}

unsigned number(const std::string& text, const std::string& token) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) refuse("'" + token + "' has no number of bits");
  return value;
}

std::vector<std::string> words(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> list;
  for (std::string word; stream >> word;) list.push_back(word);
  return list;
}

}  // namespace

AddressMap::AddressMap(const Geometry& geometry, const MappingConfig& config)
    : channels_(config.channels),
      atom_bytes_(geometry.atom_bytes),
      interleave_atoms_(config.interleave_bytes / geometry.atom_bytes),
      channel_atoms_(geometry.channel_bytes() / geometry.atom_bytes) {
  if (channels_ == 0 || channels_ > 1024) refuse("channels is " + std::to_string(channels_) + ", must be 1 to 1024");
  const std::uint64_t rows_of_all = std::uint64_t{geometry.row_bytes} * geometry.banks();
  if (!std::has_single_bit(config.interleave_bytes) || config.interleave_bytes < geometry.atom_bytes ||
      config.interleave_bytes > rows_of_all) {
    refuse("interleave_bytes is " + std::to_string(config.interleave_bytes) + ", must be a power of two from " +
           std::to_string(geometry.atom_bytes) + " to " + std::to_string(rows_of_all));
  }
  interleave_shift_ = static_cast<unsigned>(std::countr_zero(interleave_atoms_));
  if (channels_ > 1) reciprocal_ = ~std::uint64_t{0} / channels_ + 1;
  width_[kBank] = static_cast<std::uint8_t>(std::countr_zero(geometry.banks_per_group));
  width_[kGroup] = static_cast<std::uint8_t>(std::countr_zero(geometry.bank_groups));
  width_[kColumn] = static_cast<std::uint8_t>(std::countr_zero(geometry.atoms_per_row()));
  row_shift_ = width_[kBank] + 0U + width_[kGroup] + width_[kColumn];
  row_bits_ = static_cast<unsigned>(std::bit_width(geometry.rows - 1));
  period_atoms_ = std::uint64_t{1} << row_shift_;
  parse_order(config.order);
  parse_xors(config.xors);
  prove_bijection();
}

void AddressMap::parse_order(const std::string& order) {
  std::vector<std::string> tokens = words(order);
  if (tokens.empty() || tokens.front() != "row") refuse("the order must begin with 'row': '" + order + "'");
  unsigned left[kFields] = {0, width_[kBank], width_[kGroup], width_[kColumn]};
  unsigned given[kFields] = {};  // bits named with a number, of each field
  for (const std::string& token : tokens) {
    const std::size_t colon = token.find(':');
    const unsigned field = field_of(token.substr(0, colon));
    if (field == kFields) refuse("unknown field '" + token + "'; there are row, bank, group, column");
    if (colon != std::string::npos) given[field] += number(token.substr(colon + 1), token);
  }
  unsigned from = row_shift_;
  bool open[kFields] = {};
  for (std::size_t i = 1; i < tokens.size(); ++i) {
    const std::string& token = tokens[i];
    const std::size_t colon = token.find(':');
    const auto field = static_cast<FieldName>(field_of(token.substr(0, colon)));
    if (field == kRow) refuse("'row' stands twice, or with a number of bits");
    if (colon == std::string::npos && open[field]) refuse("'" + token + "' stands twice without a number of bits");
    if (given[field] > width_[field]) {
      refuse(std::string(kNames[field]) + " has " + std::to_string(width_[field]) + " bits, the order names " +
             std::to_string(given[field]));
    }
    open[field] = open[field] || colon == std::string::npos;
    const unsigned width =
        colon == std::string::npos ? width_[field] - given[field] : number(token.substr(colon + 1), token);
    left[field] -= width;
    from -= width;
    if (width == 0) continue;
    segments_.push_back({field, static_cast<std::uint8_t>(from), static_cast<std::uint8_t>(left[field]),
                         static_cast<std::uint8_t>(width)});
  }
  for (const FieldName field : {kBank, kGroup, kColumn}) {
    if (left[field] != 0) {
      refuse(std::string(kNames[field]) + " has " + std::to_string(width_[field]) + " bits, the order names " +
             std::to_string(width_[field] - left[field]));
    }
  }
}

void AddressMap::parse_xors(const std::string& xors) {
  for (const std::string& token : words(xors)) {
    const std::size_t hat = token.find('^');
    if (hat == std::string::npos) refuse("'" + token + "' must look like bank.0^row.0");
    const auto bit = [&](const std::string& text, unsigned& field) {
      const std::size_t dot = text.find('.');
      field = field_of(text.substr(0, dot));
      if (field == kFields || dot == std::string::npos) refuse("'" + token + "' must look like bank.0^row.0");
      const unsigned value = number(text.substr(dot + 1), token);
      const unsigned bits = field == kRow ? row_bits_ : width_[field];
      if (value >= bits) refuse("'" + text + "': there are " + std::to_string(bits) + " bits of " + kNames[field]);
      return static_cast<std::uint8_t>(value);
    };
    unsigned target = 0;
    unsigned source = 0;
    const std::uint8_t target_bit = bit(token.substr(0, hat), target);
    const std::uint8_t source_bit = bit(token.substr(hat + 1), source);
    if (target == kRow) refuse("'" + token + "': row bits stay as they are");
    xors_.push_back({static_cast<FieldName>(target), target_bit, static_cast<FieldName>(source), source_bit});
    if (source == kRow) {
      period_atoms_ = std::max(period_atoms_, std::uint64_t{1} << (row_shift_ + source_bit + 1U));
    }
  }
}

Location AddressMap::locate(std::uint64_t local_atom) const {
  std::uint32_t fields[kFields] = {row(local_atom), 0, 0, 0};
  for (const Segment& s : segments_) {
    fields[s.field] |= static_cast<std::uint32_t>(local_atom >> s.from & ((1U << s.width) - 1)) << s.to;
  }
  for (const Xor& x : xors_) fields[x.target] ^= (fields[x.source] >> x.source_bit & 1U) << x.target_bit;
  return {fields[kRow], fields[kColumn], fields[kGroup] << width_[kBank] | fields[kBank]};
}

AddressMap::Pattern AddressMap::pattern(bool alike) const {
  const Pattern whole{period_atoms_, period_atoms_, row_shift_, 0, false};
  if (!xors_.empty() || !alike || segments_.empty()) return whole;
  const bool banks_on_top = segments_.front().field == kBank && segments_.front().width == width_[kBank];
  const std::size_t next = banks_on_top ? 1 : 0;
  if (next == segments_.size() || segments_[next].field != kColumn) return whole;
  const unsigned turn_bits = banks_on_top ? width_[kBank] : 0;
  const unsigned shift = row_shift_ - turn_bits;
  if (std::uint64_t{1} << shift < interleave_atoms_) return whole;
  return {std::uint64_t{1} << shift, std::uint64_t{1} << segments_[next].from, shift, turn_bits, true};
}

std::uint64_t AddressMap::address(unsigned channel, const Location& location) const {
  std::uint32_t fields[kFields] = {location.row, location.bank & ((1U << width_[kBank]) - 1),
                                   location.bank >> width_[kBank], location.column};
  for (auto x = xors_.rbegin(); x != xors_.rend(); ++x) {
    fields[x->target] ^= (fields[x->source] >> x->source_bit & 1U) << x->target_bit;
  }
  std::uint64_t local_atom = std::uint64_t{location.row} << row_shift_;
  for (const Segment& s : segments_) {
    local_atom |= std::uint64_t{fields[s.field] >> s.to & ((1U << s.width) - 1)} << s.from;
  }
  const std::uint64_t round = local_atom / interleave_atoms_;
  return ((round * channels_ + channel) * interleave_atoms_ + local_atom % interleave_atoms_) * atom_bytes_;
}

std::uint64_t AddressMap::below_row(std::uint64_t local_atom) const {
  const Location place = locate(local_atom);
  return std::uint64_t{place.bank} << width_[kColumn] | place.column;
}

// Rows are taken over unchanged, so the whole is one to one if the rest is for a fixed row; the rest is linear, so row
// 0 stands for all, and full rank of the images of its unit vectors decides.
void AddressMap::prove_bijection() const {
  std::vector<std::uint64_t> basis;
  for (unsigned bit = 0; bit < row_shift_; ++bit) {
    std::uint64_t image = below_row(std::uint64_t{1} << bit);
    for (const std::uint64_t vector : basis) image = std::min(image, image ^ vector);
    if (image == 0) {
      refuse("is no bijection: flipping bit " + std::to_string(bit + std::countr_zero(atom_bytes_)) +
             " of an address within its channel does the same as flipping lower ones");
    }
    basis.push_back(image);
  }
}

}  // namespace dixion::dram

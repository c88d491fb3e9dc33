// SPDX-License-Identifier: Apache-2.0
#include "platform/time_units.h"

#include <array>
#include <cctype>
#include <cstdio>

#include "models/common/check.h"

namespace dixion {

namespace {

struct Unit {
  const char* name;
  Ticks ticks;
};
constexpr std::array<Unit, 5> kUnits{
    {{"s", 1'000'000'000'000}, {"ms", 1'000'000'000}, {"us", 1'000'000}, {"ns", 1'000}, {"ps", 1}}};
constexpr Ticks kLongest = 1'000'000 * kUnits[0].ticks;

const Unit* find_unit(const std::string& name) {
  for (const Unit& unit : kUnits) {
    if (name == unit.name) return &unit;
  }
  return nullptr;
}

}  // namespace

Ticks parse_time(const std::string& key, const std::string& text) {
  const auto fail = [&](const std::string& reason) {
    return ConfigError(key, "'" + text + "' " + reason + "; write a number and ps, ns, us, ms or s, like 100us");
  };
  std::size_t position = 0;
  Ticks whole = 0;
  Ticks fraction = 0;
  Ticks scale = 1;
  const auto digit = [&] { return position < text.size() && std::isdigit(static_cast<unsigned char>(text[position])); };
  if (!digit()) throw fail("is not a time");
  for (; digit(); ++position) {
    whole = whole * 10 + static_cast<Ticks>(text[position] - '0');
    if (whole > kLongest) throw fail("is too long");
  }
  if (position < text.size() && text[position] == '.') {
    for (++position; digit(); ++position) {
      if (scale >= kUnits[0].ticks) throw fail("has too many decimals");
      fraction = fraction * 10 + static_cast<Ticks>(text[position] - '0');
      scale *= 10;
    }
  }
  const Unit* unit = find_unit(text.substr(position));
  if (unit == nullptr) throw fail("has no known unit");
  if (whole > kLongest / unit->ticks) throw fail("is too long");
  for (; scale > unit->ticks; scale /= 10, fraction /= 10) {
    if (fraction % 10 != 0) throw fail("is not a whole number of ps");
  }
  const Ticks ticks = whole * unit->ticks + fraction * (unit->ticks / scale);
  if (ticks == 0) throw fail("must be more than 0");
  return ticks;
}

std::string format_time(Ticks ticks) {
  for (const Unit& unit : kUnits) {
    if (ticks >= unit.ticks || unit.ticks == 1) {
      std::array<char, 48> text{};
      std::snprintf(text.data(), text.size(), "%.6g %s", static_cast<double>(ticks) / static_cast<double>(unit.ticks),
                    unit.name);
      return text.data();
    }
  }
  return {};
}

std::string format_count(std::uint64_t value) {
  const std::string digits = std::to_string(value);
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) text += ',';
    text += digits[i];
  }
  return text;
}

}  // namespace dixion

// SPDX-License-Identifier: Apache-2.0
#include "platform/energy/energy_config.h"

#include <string>

#include "models/common/check.h"

namespace dixion {

namespace {

namespace pb = google::protobuf;

const pb::FieldDescriptor* field_of(const EnergyRow& row) {
  const pb::FieldDescriptor* field = config::Energy::descriptor()->FindFieldByName(row.key);
  DIXION_CHECK(field != nullptr, std::string("no key energy.") + row.key);
  return field;
}

}  // namespace

void put_energy(const EnergyParameters& from, config::Energy& to) {
  for (const EnergyRow& row : kEnergyRows) {
    auto& range =
        static_cast<config::EnergyRange&>(*config::Energy::GetReflection()->MutableMessage(&to, field_of(row)));
    range.set_low((from.*row.range).low);
    range.set_nominal((from.*row.range).nominal);
    range.set_high((from.*row.range).high);
  }
  to.set_network_um(from.network_um);
}

EnergyParameters take_energy(const config::Energy& from) {
  EnergyParameters to;
  for (const EnergyRow& row : kEnergyRows) {
    const auto& range =
        static_cast<const config::EnergyRange&>(config::Energy::GetReflection()->GetMessage(from, field_of(row)));
    if (range.low() > range.nominal() || range.nominal() > range.high()) {
      throw ConfigError(std::string("soc.energy.") + row.key,
                        "low " + std::to_string(range.low()) + ", nominal " + std::to_string(range.nominal()) +
                            ", high " + std::to_string(range.high()) + " are not in ascending order");
    }
    to.*row.range = {range.low(), range.nominal(), range.high()};
  }
  to.network_um = from.network_um();
  return to;
}

}  // namespace dixion

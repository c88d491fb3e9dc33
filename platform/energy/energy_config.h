// SPDX-License-Identifier: Apache-2.0
/// Between the configuration message and the struct.
#pragma once

#include "platform/config.pb.h"
#include "platform/energy/energy_parameters.h"

namespace dixion {

void put_energy(const EnergyParameters& from, config::Energy& to);

/// Throws ConfigError("soc.energy.mac_int8", ...) where low, nominal, high are not in order.
[[nodiscard]] EnergyParameters take_energy(const config::Energy& from);

}  // namespace dixion

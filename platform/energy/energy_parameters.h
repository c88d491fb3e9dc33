// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "platform/energy/energy_range.h"

namespace dixion {

/// The configured energy table (message Energy in platform/config.proto), 14 nm at 0.8 V. Defaults belong to exion4.
/// Where each row comes from, and how bounds were made: docs/energy.md.
struct EnergyParameters {
  // fJ per product with its addition
  EnergyRange mac_int8{34, 71, 150};
  EnergyRange mac_int12_int8{46, 96, 200};
  EnergyRange mac_int12{63, 131, 275};
  EnergyRange mac_float16{228, 492, 1060};
  EnergyRange log_product{7, 40, 230};                         ///< fJ per log-domain product with its addition
  EnergyRange register_byte{14, 16, 18};                       ///< fJ per byte into an operand register of the array
  EnergyRange vector_element{365, 844, 1950};                  ///< fJ per element and pass
  EnergyRange sram_8k_byte{143, 387, 1050};                    ///< fJ per byte of a bank of 8 KiB
  EnergyRange sram_32k_byte{285, 645, 1460};                   ///< fJ per byte of a bank of 32 KiB
  EnergyRange sram_1m_byte{1425, 2278, 3640};                  ///< fJ per byte of a bank of 1 MiB
  EnergyRange network_hop_byte{320, 480, 640};                 ///< fJ per byte through the crossbar
  EnergyRange network_mm_byte{400, 600, 800};                  ///< fJ per byte and mm of wire
  std::uint64_t network_um = 2400;                             ///< mean way of a byte, in micrometres
  EnergyRange dma_byte{28, 32, 36};                            ///< fJ per byte into and out of a channel's buffer
  EnergyRange dram_byte{40'000, 60'000, 80'000};               ///< fJ per byte, activation in it
  EnergyRange dram_activation{870'000, 1'740'000, 3'480'000};  ///< fJ per row opened, where the DRAM counts them
  bool activations_counted = false;                            ///< the DRAM model's statistics have "dram.activates"
  EnergyRange leakage{100, 150, 200};                          ///< per mille of the peak dynamic power
  EnergyRange dram_background{0, 163'000, 226'000};            ///< uW, all devices
  EnergyRange dram_refresh{39'000, 64'000, 85'000};            ///< uW, all devices
};

/// A row by its key.
struct EnergyRow {
  const char* key;
  EnergyRange EnergyParameters::*range;
};

inline constexpr std::array<EnergyRow, 18> kEnergyRows{{
    {"mac_int8", &EnergyParameters::mac_int8},
    {"mac_int12_int8", &EnergyParameters::mac_int12_int8},
    {"mac_int12", &EnergyParameters::mac_int12},
    {"mac_float16", &EnergyParameters::mac_float16},
    {"log_product", &EnergyParameters::log_product},
    {"register_byte", &EnergyParameters::register_byte},
    {"vector_element", &EnergyParameters::vector_element},
    {"sram_8k_byte", &EnergyParameters::sram_8k_byte},
    {"sram_32k_byte", &EnergyParameters::sram_32k_byte},
    {"sram_1m_byte", &EnergyParameters::sram_1m_byte},
    {"network_hop_byte", &EnergyParameters::network_hop_byte},
    {"network_mm_byte", &EnergyParameters::network_mm_byte},
    {"dma_byte", &EnergyParameters::dma_byte},
    {"dram_byte", &EnergyParameters::dram_byte},
    {"dram_activation", &EnergyParameters::dram_activation},
    {"leakage", &EnergyParameters::leakage},
    {"dram_background", &EnergyParameters::dram_background},
    {"dram_refresh", &EnergyParameters::dram_refresh},
}};

}  // namespace dixion

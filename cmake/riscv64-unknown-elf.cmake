# SPDX-License-Identifier: Apache-2.0
# Toolchain file: bare-metal RV64IMAC with picolibc, for the hart of the simulated SoC.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR riscv64)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)

set(CMAKE_C_COMPILER riscv64-unknown-elf-gcc)
set(CMAKE_ASM_COMPILER riscv64-unknown-elf-gcc)

# ISA spec 2.2: CSR instructions and fence.i belong to the base ISA; naming them as extensions selects a library that is
# not there.
set(_dixion_riscv "-march=rv64imac -misa-spec=2.2 -mabi=lp64 -mcmodel=medany --specs=picolibc.specs")
set(CMAKE_C_FLAGS_INIT "${_dixion_riscv}")
set(CMAKE_ASM_FLAGS_INIT "${_dixion_riscv}")

set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)

# SPDX-License-Identifier: Apache-2.0
# Cross-compiles firmware/ into ${PROJECT_BINARY_DIR}/firmware/<app>.elf. Left out, with a line that says why, when the
# cross compiler or its C library is missing: everything else builds without it. Sets DIXION_FIRMWARE_AVAILABLE and
# DIXION_FIRMWARE_DIR.
include(ExternalProject)

set(DIXION_FIRMWARE_DIR ${PROJECT_BINARY_DIR}/firmware)
set(DIXION_FIRMWARE_AVAILABLE OFF)
find_program(DIXION_RISCV_GCC riscv64-unknown-elf-gcc)
set(_dixion_specs "")
if(DIXION_RISCV_GCC)
  # An existing file is answered with its full path, a missing one with the bare name.
  execute_process(COMMAND ${DIXION_RISCV_GCC} -print-file-name=picolibc.specs
                  OUTPUT_VARIABLE _dixion_specs OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
if(NOT DIXION_RISCV_GCC)
  message(STATUS "Firmware: left out, riscv64-unknown-elf-gcc not found (Debian: gcc-riscv64-unknown-elf)")
elseif(NOT IS_ABSOLUTE "${_dixion_specs}")
  message(STATUS "Firmware: left out, picolibc not found (Debian: picolibc-riscv64-unknown-elf)")
else()
  set(DIXION_FIRMWARE_AVAILABLE ON)
  set(_dixion_apps hello doorbell dma_copy matmul denoise first_driver fault)
  list(TRANSFORM _dixion_apps REPLACE "(.+)" "${DIXION_FIRMWARE_DIR}/\\1.elf" OUTPUT_VARIABLE _dixion_elfs)
  ExternalProject_Add(dixion_firmware
    SOURCE_DIR ${PROJECT_SOURCE_DIR}/firmware
    BINARY_DIR ${PROJECT_BINARY_DIR}/firmware-build
    CMAKE_ARGS -DCMAKE_TOOLCHAIN_FILE=${PROJECT_SOURCE_DIR}/cmake/riscv64-unknown-elf.cmake
               -DDIXION_FIRMWARE_OUTPUT=${DIXION_FIRMWARE_DIR} -DDIXION_WERROR=${DIXION_WERROR}
    BUILD_ALWAYS ON
    INSTALL_COMMAND ""
    BUILD_BYPRODUCTS ${_dixion_elfs})
  message(STATUS "Firmware: ${DIXION_RISCV_GCC}")
endif()

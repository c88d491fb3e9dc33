# SPDX-License-Identifier: Apache-2.0
# Defines SystemC::systemc from, in this order: the CMake package SystemCLanguage, SYSTEMC_HOME, pkg-config.
# Defines dixion::systemc, what this project's own targets link: SystemC plus the definitions our sources need.

find_package(SystemCLanguage CONFIG QUIET)
if(TARGET SystemC::systemc)
  set(_dixion_systemc_why "CMake package SystemCLanguage in ${SystemCLanguage_DIR}")
elseif(DEFINED ENV{SYSTEMC_HOME} OR SYSTEMC_HOME)
  if(NOT SYSTEMC_HOME)
    set(SYSTEMC_HOME $ENV{SYSTEMC_HOME})
  endif()
  find_path(DIXION_SYSTEMC_INCLUDE systemc PATHS ${SYSTEMC_HOME}/include NO_DEFAULT_PATH)
  find_library(DIXION_SYSTEMC_LIBRARY systemc PATHS ${SYSTEMC_HOME} PATH_SUFFIXES lib lib64 lib-linux64 NO_DEFAULT_PATH)
  if(NOT DIXION_SYSTEMC_INCLUDE OR NOT DIXION_SYSTEMC_LIBRARY)
    message(FATAL_ERROR "SYSTEMC_HOME=${SYSTEMC_HOME} holds no include/systemc or no lib*/libsystemc; "
                        "point it at an installed SystemC or unset it to use pkg-config")
  endif()
  add_library(SystemC::systemc UNKNOWN IMPORTED)
  set_target_properties(SystemC::systemc PROPERTIES IMPORTED_LOCATION ${DIXION_SYSTEMC_LIBRARY}
                        INTERFACE_INCLUDE_DIRECTORIES ${DIXION_SYSTEMC_INCLUDE})
  set(_dixion_systemc_why "SYSTEMC_HOME ${SYSTEMC_HOME}")
else()
  find_package(PkgConfig REQUIRED)
  pkg_check_modules(DIXION_SYSTEMC_PC REQUIRED systemc)
  add_library(SystemC::systemc INTERFACE IMPORTED)
  set_target_properties(SystemC::systemc PROPERTIES
                        INTERFACE_LINK_LIBRARIES "${DIXION_SYSTEMC_PC_LINK_LIBRARIES}"
                        INTERFACE_INCLUDE_DIRECTORIES "${DIXION_SYSTEMC_PC_INCLUDEDIR}")
  set(_dixion_systemc_why "pkg-config systemc ${DIXION_SYSTEMC_PC_VERSION}")
endif()

# A distribution's library may export the version symbol of one C++ standard only. Ours is C++20: when the plain
# build does not link but the one that names C++17 does, our targets (and only ours) get SC_CPLUSPLUS=201703L.
include(CheckCXXSourceCompiles)
set(CMAKE_REQUIRED_LIBRARIES SystemC::systemc)
set(CMAKE_REQUIRED_FLAGS -std=c++20)
set(_dixion_probe "#include <systemc>\nint sc_main(int, char**) { sc_core::sc_time t(1, sc_core::SC_NS); sc_core::sc_start(t); return 0; }")
check_cxx_source_compiles("${_dixion_probe}" DIXION_SYSTEMC_LINKS_AS_CXX20)
if(NOT DIXION_SYSTEMC_LINKS_AS_CXX20)
  set(CMAKE_REQUIRED_DEFINITIONS -DSC_CPLUSPLUS=201703L)
  check_cxx_source_compiles("${_dixion_probe}" DIXION_SYSTEMC_LINKS_AS_CXX17)
  unset(CMAKE_REQUIRED_DEFINITIONS)
  if(NOT DIXION_SYSTEMC_LINKS_AS_CXX17)
    message(FATAL_ERROR "SystemC from ${_dixion_systemc_why} links neither as C++20 nor with SC_CPLUSPLUS=201703L; "
                        "it was probably built for another standard")
  endif()
endif()
unset(CMAKE_REQUIRED_LIBRARIES)
unset(CMAKE_REQUIRED_FLAGS)

add_library(dixion_systemc INTERFACE)
target_link_libraries(dixion_systemc INTERFACE SystemC::systemc)
target_compile_definitions(dixion_systemc INTERFACE SC_ALLOW_DEPRECATED_IEEE_API SC_INCLUDE_DYNAMIC_PROCESSES
                           $<$<BOOL:${DIXION_SYSTEMC_LINKS_AS_CXX17}>:SC_CPLUSPLUS=201703L>)
add_library(dixion::systemc ALIAS dixion_systemc)
dixion_precompiled(dixion_systemc_headers
  HEADERS <systemc> <tlm> <tlm_utils/simple_initiator_socket.h> <tlm_utils/simple_target_socket.h>
  LINKS dixion::systemc)
message(STATUS "SystemC: ${_dixion_systemc_why}")

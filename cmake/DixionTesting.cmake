# SPDX-License-Identifier: Apache-2.0
# dixion_add_test(layer area SOURCES ... [LINKS ...] [TIMEOUT seconds] [LONG] [OWN_OPTIONS])
# OWN_OPTIONS: a library it links changes compiler options (sanitizers), so precompiled headers do not fit.
# One executable per area; every TEST is a process of its own under CTest, because SystemC elaborates once per process.
# CTest names are <layer>.<area>.Suite.Name, labels <layer> and, with LONG, "long" (left out of the fast tier).
find_package(GTest REQUIRED)
include(GoogleTest)

option(DIXION_UNITY_TESTS "Compile the files of a test several at a time; OFF compiles each alone, which is quicker when one is edited" ON)
set(_dixion_unity_files 8)  # at most, in one unit: more saves little and leaves a core idle at the end

set(_dixion_test_options $<$<CONFIG:Release>:-O1>)  # tests are compiled more often than they run

dixion_precompiled(dixion_unit_headers HEADERS <gmock/gmock.h> <gtest/gtest.h> LINKS GTest::gtest GTest::gmock)
dixion_precompiled(dixion_module_headers HEADERS <gmock/gmock.h> <gtest/gtest.h> <systemc> <tlm>
                   LINKS GTest::gtest GTest::gmock dixion::systemc)
# The compiler takes them only where it is told the same: as position-independent as an executable.
set_target_properties(dixion_unit_headers dixion_module_headers PROPERTIES POSITION_INDEPENDENT_CODE OFF
                      COMPILE_OPTIONS "${_dixion_test_options};-fPIE")

function(dixion_add_test layer area)
  cmake_parse_arguments(ARG "LONG;OWN_OPTIONS" "TIMEOUT" "SOURCES;LINKS" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  set(labels ${layer})
  if(ARG_LONG)
    list(APPEND labels long)
  endif()
  set(target test_${layer}_${area})
  add_executable(${target} ${ARG_SOURCES})
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR})
  target_compile_options(${target} PRIVATE ${_dixion_test_options})
  if(DIXION_UNITY_TESTS)
    # Headers are parsed and templates instantiated once per unit, which is most of a test file's time. Equal shares.
    list(LENGTH ARG_SOURCES files)
    math(EXPR units "(${files} + ${_dixion_unity_files} - 1) / ${_dixion_unity_files}")
    math(EXPR share "(${files} + ${units} - 1) / ${units}")
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE ${share})
  endif()
  # Unit tests need no SystemC.
  if(layer STREQUAL unit)
    set(main GTest::gtest_main)
    set(headers dixion_unit_headers)
  else()
    set(main dixion_test_main)
    set(headers dixion_module_headers)
  endif()
  if(NOT ARG_OWN_OPTIONS)
    target_precompile_headers(${target} REUSE_FROM ${headers})
  endif()
  target_link_libraries(${target} PRIVATE ${ARG_LINKS} GTest::gtest GTest::gmock dixion_warnings ${main})
  gtest_discover_tests(${target} TEST_PREFIX ${layer}.${area}. DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
    PROPERTIES TIMEOUT ${ARG_TIMEOUT})
  # gtest_discover_tests takes lists in PROPERTIES apart, so labels and variables are set when CTest has read the list of tests.
  set(environment ${CMAKE_CURRENT_BINARY_DIR}/${target}_environment.cmake)
  file(CONFIGURE OUTPUT ${environment} @ONLY CONTENT [[
foreach(test IN LISTS @target@_TESTS)
  set_tests_properties("${test}" PROPERTIES LABELS "@labels@" ENVIRONMENT
    "SYSTEMC_DISABLE_COPYRIGHT_MESSAGE=1;DIXION_SOURCE_DIR=@PROJECT_SOURCE_DIR@;DIXION_BINARY_DIR=@PROJECT_BINARY_DIR@")
endforeach()
]])
  set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES ${environment})
endfunction()

# SPDX-License-Identifier: Apache-2.0
# dixion_library(name SOURCES ... [LINKS ...] [PRIVATE_LINKS ...] [SYSTEMC]): one library per block, with the alias dixion::name.
# Include paths start at the repository root. SYSTEMC: what the sources include of it comes precompiled.

add_library(dixion_warnings INTERFACE)
target_compile_options(dixion_warnings INTERFACE -Wall -Wextra -Wconversion -Wshadow)
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  target_compile_options(dixion_warnings INTERFACE -Wno-restrict)  # GCC 12 warns of "a" + std::string (its bug 105651)
endif()
if(DIXION_WERROR)
  target_compile_options(dixion_warnings INTERFACE -Werror)
endif()
if(DIXION_SANITIZE)
  add_compile_options(-fsanitize=${DIXION_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${DIXION_SANITIZE})
endif()

find_program(DIXION_CCACHE ccache)
if(DIXION_CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER ${DIXION_CCACHE})
  # Without this the cache refuses whatever uses a precompiled header.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${DIXION_CCACHE})
endif()

# Headers that take longer to parse than what includes them, parsed once: targets of the same compiler options REUSE_FROM it.
function(dixion_precompiled target)
  cmake_parse_arguments(ARG "" "" "HEADERS;LINKS" ${ARGN})
  file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/precompiled/${target}.cpp CONTENT "")
  add_library(${target} OBJECT ${PROJECT_BINARY_DIR}/precompiled/${target}.cpp)
  target_link_libraries(${target} PRIVATE ${ARG_LINKS} dixion_warnings)
  target_precompile_headers(${target} PRIVATE ${ARG_HEADERS})
endfunction()

function(dixion_library name)
  cmake_parse_arguments(ARG "SYSTEMC" "" "SOURCES;LINKS;PRIVATE_LINKS" ${ARGN})
  if(ARG_SOURCES)
    add_library(dixion_${name} STATIC ${ARG_SOURCES})
    target_include_directories(dixion_${name} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>)
    target_link_libraries(dixion_${name} PUBLIC ${ARG_LINKS} PRIVATE ${ARG_PRIVATE_LINKS} $<BUILD_INTERFACE:dixion_warnings>)
    if(ARG_SYSTEMC)
      target_precompile_headers(dixion_${name} REUSE_FROM dixion_systemc_headers)
    endif()
  else()
    add_library(dixion_${name} INTERFACE)
    target_include_directories(dixion_${name} INTERFACE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>)
    target_link_libraries(dixion_${name} INTERFACE ${ARG_LINKS})
  endif()
  add_library(dixion::${name} ALIAS dixion_${name})
endfunction()

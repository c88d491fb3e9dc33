# SPDX-License-Identifier: Apache-2.0
# dixion_install_library(name BLOCKS ... HEADERS ...): installs the blocks' objects as one archive with these headers, in the
# component `name`. find_package(dixion COMPONENTS name) then gives dixion::name. Headers: paths from the repository's root.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(_dixion_package ${CMAKE_INSTALL_LIBDIR}/cmake/dixion)
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/dixionConfig.cmake.in ${PROJECT_BINARY_DIR}/package/dixionConfig.cmake
                              INSTALL_DESTINATION ${_dixion_package} PATH_VARS CMAKE_INSTALL_LIBDIR CMAKE_INSTALL_INCLUDEDIR)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/package/dixionConfigVersion.cmake COMPATIBILITY SameMinorVersion)

function(dixion_install_library name)
  cmake_parse_arguments(ARG "" "" "BLOCKS;HEADERS" ${ARGN})
  list(TRANSFORM ARG_BLOCKS REPLACE "(.+)" "$<TARGET_OBJECTS:dixion_\\1>" OUTPUT_VARIABLE objects)
  add_library(dixion_${name}_archive STATIC ${objects})
  set_target_properties(dixion_${name}_archive PROPERTIES OUTPUT_NAME dixion_${name} LINKER_LANGUAGE CXX
                        ARCHIVE_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/installed)
  install(TARGETS dixion_${name}_archive ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT ${name})
  foreach(header ${ARG_HEADERS})
    get_filename_component(folder ${header} DIRECTORY)
    install(FILES ${PROJECT_SOURCE_DIR}/${header} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/dixion/${folder} COMPONENT ${name})
  endforeach()
  install(FILES ${PROJECT_BINARY_DIR}/package/dixionConfig.cmake ${PROJECT_BINARY_DIR}/package/dixionConfigVersion.cmake
          DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/dixion COMPONENT ${name})
endfunction()

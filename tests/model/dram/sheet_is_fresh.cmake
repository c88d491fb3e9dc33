# SPDX-License-Identifier: Apache-2.0
# The conformance sheet in docs/memory.md is what dixion-vp prints today; a bad deviation is a bad status.
execute_process(COMMAND ${DIXION_VP} probe dram OUTPUT_VARIABLE sheet RESULT_VARIABLE status)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "dixion-vp probe dram ended with ${status}")
endif()
file(READ ${DOCUMENT} document)
string(STRIP "${sheet}" sheet)
string(FIND "${document}" "${sheet}" place)
if(sheet STREQUAL "" OR place EQUAL -1)
  message(FATAL_ERROR "${DOCUMENT} does not hold what 'dixion-vp probe dram' prints; put its output below 'Conformance sheet'")
endif()

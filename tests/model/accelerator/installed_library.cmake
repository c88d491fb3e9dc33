# SPDX-License-Identifier: Apache-2.0
# cmake -DBUILD=... -DSOURCE=... -DWORK=... -P: installs the library into WORK, builds the application in SOURCE against it, runs it.
file(REMOVE_RECURSE ${WORK})
set(flags "-Wall -Wextra")
if(SANITIZE)
  string(APPEND flags " -fsanitize=${SANITIZE}")
endif()
foreach(step
    "--install;${BUILD};--prefix;${WORK}/prefix;--component;accelerator"
    "-S;${SOURCE};-B;${WORK}/build;-DCMAKE_PREFIX_PATH=${WORK}/prefix;-DCMAKE_CXX_FLAGS=${flags}"
    "--build;${WORK}/build")
  execute_process(COMMAND ${CMAKE_COMMAND} ${step} RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "cmake ${step}:\n${output}")
  endif()
endforeach()
execute_process(COMMAND ${WORK}/build/two_accelerators COMMAND_ERROR_IS_FATAL ANY)

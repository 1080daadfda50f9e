# Where slow things are kept between builds: $LLMOPS_BUILD_CACHE, else $XDG_CACHE_HOME/llmops, else ~/.cache/llmops.
if(NOT "$ENV{LLMOPS_BUILD_CACHE}" STREQUAL "")
  set(LLMOPS_CACHE "$ENV{LLMOPS_BUILD_CACHE}")
elseif(NOT "$ENV{XDG_CACHE_HOME}" STREQUAL "")
  set(LLMOPS_CACHE "$ENV{XDG_CACHE_HOME}/llmops")
else()
  set(LLMOPS_CACHE "$ENV{HOME}/.cache/llmops")
endif()

find_program(LLMOPS_CCACHE ccache)
if(LLMOPS_CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER "${LLMOPS_CCACHE}" CACHE STRING "")
  set(CMAKE_CXX_COMPILER_LAUNCHER "${LLMOPS_CCACHE}" CACHE STRING "")
endif()

# The template engine: llama.cpp's common/jinja, as patched by patches/jinja.patch, under the name llmops::jinja. The
# patched copy lives in the cache; it is compiled with each preset's flags, sanitizers included.
set(LLMOPS_JINJA_PATCH "${CMAKE_CURRENT_LIST_DIR}/patches/jinja.patch")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${LLMOPS_JINJA_PATCH}")

# llmops_unpack_jinja(FOLDER): the patched files as FOLDER/common, whole or not at all.
function(llmops_unpack_jinja folder)
  if(EXISTS "${folder}")
    return()
  endif()
  set(beside "${folder}.incoming")
  set(common "${LLMOPS_LLAMA_SOURCE}/common")
  file(REMOVE_RECURSE "${beside}")
  file(COPY "${common}/jinja" DESTINATION "${beside}/common")
  file(COPY "${common}/json.cpp" "${common}/json.h" "${common}/unicode.cpp" "${common}/unicode.h"
    DESTINATION "${beside}/common")
  find_program(LLMOPS_PATCH patch)
  if(LLMOPS_PATCH)
    set(command "${LLMOPS_PATCH}" -p1 --batch --fuzz=0 -i "${LLMOPS_JINJA_PATCH}")
  else()
    find_program(LLMOPS_GIT git REQUIRED)
    set(command "${CMAKE_COMMAND}" -E env "GIT_CEILING_DIRECTORIES=${LLMOPS_CACHE}/src" "${LLMOPS_GIT}" apply "${LLMOPS_JINJA_PATCH}")
  endif()
  execute_process(COMMAND ${command} WORKING_DIRECTORY "${beside}"
    RESULT_VARIABLE failed OUTPUT_VARIABLE said ERROR_VARIABLE said)
  if(failed)
    message(FATAL_ERROR "${LLMOPS_JINJA_PATCH} does not fit the engine's source:\n${said}")
  endif()
  file(RENAME "${beside}" "${folder}")
endfunction()

file(SHA256 "${LLMOPS_JINJA_PATCH}" jinja_key)
string(SHA256 jinja_key "${jinja_key};${LLMOPS_LLAMA_SOURCE}")
string(SUBSTRING "${jinja_key}" 0 12 jinja_key)
set(LLMOPS_JINJA_SOURCE "${LLMOPS_CACHE}/src/jinja-${jinja_key}")
file(MAKE_DIRECTORY "${LLMOPS_CACHE}/src")
file(LOCK "${LLMOPS_CACHE}/src" DIRECTORY)
llmops_unpack_jinja("${LLMOPS_JINJA_SOURCE}")
file(LOCK "${LLMOPS_CACHE}/src" DIRECTORY RELEASE)

set(jinja_sources jinja/lexer jinja/parser jinja/runtime jinja/string jinja/value jinja/caps json unicode)
list(TRANSFORM jinja_sources REPLACE "(.+)" "${LLMOPS_JINJA_SOURCE}/common/\\1.cpp")
add_library(llmops-jinja-engine STATIC ${jinja_sources})
add_library(llmops::jinja ALIAS llmops-jinja-engine)
# The include path is common/, never common/jinja: its string.h would hide the system's.
target_include_directories(llmops-jinja-engine SYSTEM PUBLIC "${LLMOPS_JINJA_SOURCE}/common"
  PRIVATE "${LLMOPS_LLAMA_SOURCE}/vendor" "${LLMOPS_LLAMA_SOURCE}/ggml/include")
# Its assertions are about well-formed templates; with NDEBUG the same cases are errors.
target_compile_definitions(llmops-jinja-engine PRIVATE NDEBUG)
target_compile_options(llmops-jinja-engine PRIVATE -w -O2 -ffunction-sections -fdata-sections)
target_link_libraries(llmops-jinja-engine PUBLIC llmops::ggml-base)   # json.cpp calls ggml_abort
if(LLMOPS_SANITIZE)
  target_compile_options(llmops-jinja-engine PRIVATE -fsanitize=${LLMOPS_SANITIZE} -fno-omit-frame-pointer)
endif()

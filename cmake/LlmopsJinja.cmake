# The template engine: llama.cpp's common/jinja, as patched by patches/jinja.patch, under the name llmops::jinja. The
# patched copy lives in the cache; it is compiled with each preset's flags, sanitizers included.
set(LLMOPS_JINJA_PATCH "${CMAKE_CURRENT_LIST_DIR}/patches/jinja.patch")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${LLMOPS_JINJA_PATCH}")

include(LlmopsPatched)

file(SHA256 "${LLMOPS_JINJA_PATCH}" jinja_key)
string(SHA256 jinja_key "${jinja_key};${LLMOPS_LLAMA_SOURCE}")
string(SUBSTRING "${jinja_key}" 0 12 jinja_key)
set(LLMOPS_JINJA_SOURCE "${LLMOPS_CACHE}/src/jinja-${jinja_key}")
llmops_unpack_patched("${LLMOPS_JINJA_SOURCE}" "${LLMOPS_JINJA_PATCH}" jinja json.cpp json.h unicode.cpp unicode.h)

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

# From JSON Schema to the grammars that hold the embedded engine to it: llama.cpp's common/json-schema-to-grammar, patched by
# patches/grammar.patch, under the name llmops::grammar. JSON and Unicode are those of the template engine.
set(LLMOPS_GRAMMAR_PATCH "${CMAKE_CURRENT_LIST_DIR}/patches/grammar.patch")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${LLMOPS_GRAMMAR_PATCH}")

include(LlmopsPatched)

file(SHA256 "${LLMOPS_GRAMMAR_PATCH}" grammar_key)
string(SHA256 grammar_key "${grammar_key};${LLMOPS_LLAMA_SOURCE}")
string(SUBSTRING "${grammar_key}" 0 12 grammar_key)
set(grammar_source "${LLMOPS_CACHE}/src/grammar-${grammar_key}")
llmops_unpack_patched("${grammar_source}" "${LLMOPS_GRAMMAR_PATCH}" json-schema-to-grammar.cpp json-schema-to-grammar.h
  json-schema.cpp json-schema.h trie.cpp trie.h)

set(grammar_sources json-schema-to-grammar json-schema trie)
list(TRANSFORM grammar_sources REPLACE "(.+)" "${grammar_source}/common/\\1.cpp")
add_library(llmops-grammar-engine STATIC ${grammar_sources})
add_library(llmops::grammar ALIAS llmops-grammar-engine)
# cmake/grammar has the few functions of common.h that these files call.
target_include_directories(llmops-grammar-engine SYSTEM PUBLIC "${grammar_source}/common" "${CMAKE_CURRENT_LIST_DIR}/grammar")
target_compile_options(llmops-grammar-engine PRIVATE -w -O2 -ffunction-sections -fdata-sections)
target_link_libraries(llmops-grammar-engine PUBLIC llmops::jinja)
if(LLMOPS_SANITIZE)
  target_compile_options(llmops-grammar-engine PRIVATE -fsanitize=${LLMOPS_SANITIZE} -fno-omit-frame-pointer)
endif()

# Writes the source that llmops_embed promises; see LlmopsEmbed.cmake.
string(REPLACE "|" ";" files "${FILES}")
set(text "")
foreach(file IN LISTS files)
  file(READ "${file}" content)
  string(APPEND text "      R\"--file--(${content})--file--\"\n")
endforeach()
file(WRITE "${OUTPUT}"
  "#include \"${HEADER}\"\n\nnamespace ${NAMESPACE} {\n\nstd::string_view ${FUNCTION}() {\n  return\n${text}      ;\n}\n\n}  // namespace ${NAMESPACE}\n")

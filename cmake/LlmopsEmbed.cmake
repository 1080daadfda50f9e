# Files of the tree as texts of the program.

# llmops_embed(TARGET HEADER NAMESPACE FUNCTION FILE…): adds to TARGET the definition of `std::string_view FUNCTION()`,
# which HEADER declares: the files, one after another.
function(llmops_embed target header namespace function)
  list(TRANSFORM ARGN PREPEND "${CMAKE_CURRENT_SOURCE_DIR}/" OUTPUT_VARIABLE files)
  set(source "${CMAKE_CURRENT_BINARY_DIR}/embedded/${function}.cpp")
  set(script "${CMAKE_SOURCE_DIR}/cmake/embed.cmake")
  string(REPLACE ";" "|" listed "${files}")
  add_custom_command(OUTPUT "${source}"
    COMMAND ${CMAKE_COMMAND} "-DHEADER=${header}" "-DNAMESPACE=${namespace}" "-DFUNCTION=${function}" "-DFILES=${listed}"
      "-DOUTPUT=${source}" -P "${script}"
    DEPENDS ${files} "${script}" VERBATIM)
  target_sources(${target} PRIVATE "${source}")
endfunction()

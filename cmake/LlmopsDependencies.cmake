# Debian's libraries, each under one name. Static where Debian has a static form: what is linked dynamically costs start-up.
find_package(Threads REQUIRED)

function(llmops_static name library header)
  find_library(${name}_LIBRARY "${library}" REQUIRED)
  find_path(${name}_INCLUDE "${header}" REQUIRED)
  add_library(llmops::${name} STATIC IMPORTED)
  set_target_properties(llmops::${name} PROPERTIES IMPORTED_LOCATION "${${name}_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${${name}_INCLUDE}")
endfunction()
function(llmops_headers name header)
  find_path(${name}_INCLUDE "${header}" REQUIRED)
  add_library(llmops::${name} INTERFACE IMPORTED)
  target_include_directories(llmops::${name} SYSTEM INTERFACE "${${name}_INCLUDE}")
endfunction()

llmops_static(crypto libcrypto.a openssl/sha.h)
llmops_static(yaml-cpp libyaml-cpp.a yaml-cpp/yaml.h)
llmops_static(sqlite libsqlite3.a sqlite3.h)
llmops_static(re2 libre2.a re2/re2.h)
llmops_static(expat libexpat.a expat.h)
target_link_libraries(llmops::re2 INTERFACE Threads::Threads)
target_link_libraries(llmops::sqlite INTERFACE Threads::Threads ${CMAKE_DL_LIBS} m)
target_link_libraries(llmops::crypto INTERFACE Threads::Threads ${CMAKE_DL_LIBS})
llmops_headers(curl-headers curl/curl.h)   # libcurl itself is opened on first use
llmops_headers(cli11 CLI/CLI.hpp)
llmops_headers(spdlog spdlog/spdlog.h)
llmops_headers(doctest doctest/doctest.h)

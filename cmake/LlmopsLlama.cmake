# The embedded engine: llama.cpp, pinned, fetched and built once for each (source, flags, compiler), outside every build
# folder, and imported as llmops::llama. LLMOPS_LLAMA_SOURCE is its source folder.
set(LLMOPS_LLAMA_PACKAGE "llama_cpp_python-0.3.36")
set(LLMOPS_LLAMA_SHA256 "832db0699007f1be95a7e41ef12e88926b02ba836461e36a36372db2760c1a2e")
set(LLMOPS_LLAMA_PATCH "${CMAKE_CURRENT_LIST_DIR}/patches/engine.patch")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${LLMOPS_LLAMA_PATCH}")

# Flags that decide what the engine computes. REPACK is off because its kernels round differently for one token than for
# several: an answer would depend on which queries happen to be decoded beside it. engine.patch says more, and leaves of
# LLAMAFILE what rounds alike.
set(LLMOPS_LLAMA_FLAGS
  -DCMAKE_BUILD_TYPE=Release -DBUILD_SHARED_LIBS=OFF -DCMAKE_POSITION_INDEPENDENT_CODE=ON
  "-DCMAKE_C_FLAGS=-ffunction-sections -fdata-sections" "-DCMAKE_CXX_FLAGS=-ffunction-sections -fdata-sections"
  -DLLAMA_BUILD_COMMON=OFF -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_EXAMPLES=OFF -DLLAMA_BUILD_TOOLS=OFF
  -DLLAMA_BUILD_SERVER=OFF -DLLAMA_BUILD_APP=OFF -DLLAMA_BUILD_UI=OFF -DLLAMA_OPENSSL=OFF
  -DGGML_CCACHE=OFF -DGGML_OPENMP=OFF -DGGML_LLAMAFILE=ON -DGGML_CPU_REPACK=OFF)
if(LLMOPS_NATIVE)
  list(APPEND LLMOPS_LLAMA_FLAGS -DGGML_NATIVE=ON)
else()
  list(APPEND LLMOPS_LLAMA_FLAGS -DGGML_NATIVE=OFF -DGGML_SSE42=ON -DGGML_AVX=ON -DGGML_AVX2=ON -DGGML_FMA=ON
    -DGGML_F16C=ON -DGGML_BMI2=ON)
endif()

# llmops_fetch_llama(VARIABLE): the checked source archive's path. A file with another digest is removed.
function(llmops_fetch_llama archive_variable)
  set(archive "${LLMOPS_CACHE}/downloads/${LLMOPS_LLAMA_PACKAGE}.tar.gz")
  if(NOT EXISTS "${archive}")
    find_package(Python3 REQUIRED COMPONENTS Interpreter)
    string(REPLACE "_python-" "_python==" requirement "${LLMOPS_LLAMA_PACKAGE}")
    set(beside "${LLMOPS_CACHE}/downloads/.llama-incoming")
    file(REMOVE_RECURSE "${beside}")
    message(STATUS "fetching the embedded engine's source (73 MiB)")
    execute_process(
      COMMAND "${Python3_EXECUTABLE}" -m pip download --quiet --disable-pip-version-check --no-deps
              --no-binary llama-cpp-python "${requirement}" -d "${beside}"
      RESULT_VARIABLE failed OUTPUT_VARIABLE said ERROR_VARIABLE said)
    if(failed)
      message(FATAL_ERROR "`pip download ${requirement}` failed; pip said:\n${said}\n"
        "Where there is no network, put ${LLMOPS_LLAMA_PACKAGE}.tar.gz (sha256 ${LLMOPS_LLAMA_SHA256}) into ${LLMOPS_CACHE}/downloads")
    endif()
    file(RENAME "${beside}/${LLMOPS_LLAMA_PACKAGE}.tar.gz" "${archive}")
    file(REMOVE_RECURSE "${beside}")
  endif()
  file(SHA256 "${archive}" found)
  if(NOT found STREQUAL LLMOPS_LLAMA_SHA256)
    file(REMOVE "${archive}")
    message(FATAL_ERROR "${archive} had the digest ${found}, expected ${LLMOPS_LLAMA_SHA256}; it was removed: configure again to fetch it anew")
  endif()
  set(${archive_variable} "${archive}" PARENT_SCOPE)
endfunction()

# llmops_unpack_llama(FOLDER): the patched source as FOLDER, whole or not at all.
function(llmops_unpack_llama folder)
  if(EXISTS "${folder}")
    return()
  endif()
  llmops_fetch_llama(archive)
  set(beside "${folder}.incoming")
  file(REMOVE_RECURSE "${beside}")
  file(ARCHIVE_EXTRACT INPUT "${archive}" DESTINATION "${beside}" PATTERNS "*/vendor/llama.cpp/*")
  find_program(LLMOPS_PATCH patch REQUIRED)
  execute_process(COMMAND "${LLMOPS_PATCH}" -p1 --batch --fuzz=0 -i "${LLMOPS_LLAMA_PATCH}"
    WORKING_DIRECTORY "${beside}/${LLMOPS_LLAMA_PACKAGE}/vendor/llama.cpp" RESULT_VARIABLE failed OUTPUT_VARIABLE said ERROR_VARIABLE said)
  if(failed)
    message(FATAL_ERROR "${LLMOPS_LLAMA_PATCH} does not fit the engine's source; patch said:\n${said}")
  endif()
  file(RENAME "${beside}/${LLMOPS_LLAMA_PACKAGE}" "${folder}")
  file(REMOVE_RECURSE "${beside}")
endfunction()

# llmops_build_llama(SOURCE FOLDER): FOLDER/lib and FOLDER/include, whole or not at all.
function(llmops_build_llama source folder)
  if(EXISTS "${folder}")
    return()
  endif()
  set(work "${folder}.building")
  set(log "${folder}.log")
  file(REMOVE_RECURSE "${work}")
  message(STATUS "building the embedded engine once, about 2 minutes (log: ${log})")
  set(launchers)
  if(LLMOPS_CCACHE)
    list(APPEND launchers "-DCMAKE_C_COMPILER_LAUNCHER=${LLMOPS_CCACHE}" "-DCMAKE_CXX_COMPILER_LAUNCHER=${LLMOPS_CCACHE}")
  endif()
  execute_process(
    COMMAND "${CMAKE_COMMAND}" -S "${source}" -B "${work}/build" -G "${CMAKE_GENERATOR}"
            "-DCMAKE_C_COMPILER=${CMAKE_C_COMPILER}" "-DCMAKE_CXX_COMPILER=${CMAKE_CXX_COMPILER}"
            ${LLMOPS_LLAMA_FLAGS} ${launchers}
    COMMAND_ECHO NONE RESULT_VARIABLE failed OUTPUT_FILE "${log}" ERROR_FILE "${log}")
  if(NOT failed)
    execute_process(COMMAND "${CMAKE_COMMAND}" --build "${work}/build" --parallel --target llama
      RESULT_VARIABLE failed OUTPUT_FILE "${log}" ERROR_FILE "${log}")
  endif()
  if(failed)
    message(FATAL_ERROR "the embedded engine did not build; see ${log}")
  endif()
  file(GLOB_RECURSE libraries "${work}/build/*.a")
  file(GLOB headers "${source}/include/llama.h" "${source}/ggml/include/*.h")
  file(COPY ${libraries} DESTINATION "${work}/done/lib")
  file(COPY ${headers} DESTINATION "${work}/done/include")
  file(RENAME "${work}/done" "${folder}")
  file(REMOVE_RECURSE "${work}")
endfunction()

# llmops_import_llama(FOLDER): llmops::llama and the libraries below it, in the order in which they need each other.
function(llmops_import_llama folder)
  set(needs Threads::Threads ${CMAKE_DL_LIBS} m)
  foreach(library IN ITEMS ggml-base ggml-cpu ggml llama)
    add_library(llmops::${library} STATIC IMPORTED GLOBAL)
    set_target_properties(llmops::${library} PROPERTIES IMPORTED_LOCATION "${folder}/lib/lib${library}.a"
      IMPORTED_LINK_INTERFACE_LANGUAGES "C;CXX")
    target_include_directories(llmops::${library} SYSTEM INTERFACE "${folder}/include")
    target_link_libraries(llmops::${library} INTERFACE ${needs})
    set(needs llmops::${library})
  endforeach()
endfunction()

file(MAKE_DIRECTORY "${LLMOPS_CACHE}/downloads" "${LLMOPS_CACHE}/src" "${LLMOPS_CACHE}/llama")
file(LOCK "${LLMOPS_CACHE}/llama" DIRECTORY)

file(SHA256 "${LLMOPS_LLAMA_PATCH}" patch_key)
string(SHA256 source_key "${LLMOPS_LLAMA_SHA256};${patch_key}")
string(SUBSTRING "${source_key}" 0 12 llama_unpacked)
set(llama_unpacked "${LLMOPS_CACHE}/src/${LLMOPS_LLAMA_PACKAGE}-${llama_unpacked}")
llmops_unpack_llama("${llama_unpacked}")
set(LLMOPS_LLAMA_SOURCE "${llama_unpacked}/vendor/llama.cpp")

string(SHA256 llama_key "${source_key};${LLMOPS_LLAMA_FLAGS};${CMAKE_C_COMPILER_ID} ${CMAKE_C_COMPILER_VERSION};${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION};${CMAKE_SYSTEM_PROCESSOR}")
string(SUBSTRING "${llama_key}" 0 16 llama_key)
llmops_build_llama("${LLMOPS_LLAMA_SOURCE}" "${LLMOPS_CACHE}/llama/${llama_key}")
llmops_import_llama("${LLMOPS_CACHE}/llama/${llama_key}")

file(LOCK "${LLMOPS_CACHE}/llama" DIRECTORY RELEASE)

include(LlmopsJinja OPTIONAL)
include(LlmopsGrammar)

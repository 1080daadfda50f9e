#pragma once
/// \file  The part of libcurl in use, opened at run time: what doesn't go online doesn't pay for loading it.
#include <curl/curl.h>

#include <span>

#include "base/result.h"

namespace llmops::sys {

/// libcurl's functions, by their names without `curl_`. Stays loaded until the program ends.
struct CurlApi {
  decltype(&::curl_global_init) global_init = nullptr;
  decltype(&::curl_easy_init) easy_init = nullptr;
  decltype(&::curl_easy_cleanup) easy_cleanup = nullptr;
  decltype(&::curl_easy_reset) easy_reset = nullptr;
  decltype(&::curl_easy_setopt) easy_setopt = nullptr;
  decltype(&::curl_easy_getinfo) easy_getinfo = nullptr;
  decltype(&::curl_easy_strerror) easy_strerror = nullptr;
  decltype(&::curl_multi_init) multi_init = nullptr;
  decltype(&::curl_multi_cleanup) multi_cleanup = nullptr;
  decltype(&::curl_multi_setopt) multi_setopt = nullptr;
  decltype(&::curl_multi_add_handle) multi_add_handle = nullptr;
  decltype(&::curl_multi_remove_handle) multi_remove_handle = nullptr;
  decltype(&::curl_multi_socket_action) multi_socket_action = nullptr;
  decltype(&::curl_multi_info_read) multi_info_read = nullptr;
  decltype(&::curl_slist_append) slist_append = nullptr;
  decltype(&::curl_slist_free_all) slist_free_all = nullptr;
};

/// Opens the first of `libraries` that the loader finds and starts it up. An error of kind `environment` where there is
/// none, or one without a function that we need.
Result<CurlApi> open_curl(std::span<const char* const> libraries);
/// The names under which systems install it.
std::span<const char* const> curl_library_names();

}  // namespace llmops::sys

#include "sys/real/curl_api.h"

#include <dlfcn.h>

#include <array>
#include <string>

// In libcurl's header these are macros for type checks, which would hide the functions.
#undef curl_easy_setopt
#undef curl_easy_getinfo
#undef curl_multi_setopt

namespace llmops::sys {
namespace {

class Symbols {
 public:
  explicit Symbols(void* library) : library_(library) {}
  template <class Function>
  void find(Function& function, const char* name) {
    function = reinterpret_cast<Function>(dlsym(library_, name));
    if (function == nullptr && missing_.empty()) missing_ = name;
  }
  const std::string& missing() const { return missing_; }

 private:
  void* library_;
  std::string missing_;
};

void* open_first(std::span<const char* const> libraries) {
  for (const char* const name : libraries) {
    if (void* const library = dlopen(name, RTLD_NOW | RTLD_LOCAL)) return library;
  }
  return nullptr;
}

constexpr auto kInstall = "install libcurl, for instance with `apt install libcurl4` or `dnf install libcurl`";

}  // namespace

std::span<const char* const> curl_library_names() {
  static constexpr std::array names{"libcurl.so.4", "libcurl-gnutls.so.4"};
  return names;
}

Result<CurlApi> open_curl(std::span<const char* const> libraries) {
  void* const library = open_first(libraries);
  if (library == nullptr) {
    return environment_error("could not load `libcurl.so.4`, which HTTP requests need", kInstall);
  }
  CurlApi api;
  Symbols symbols(library);
  symbols.find(api.global_init, "curl_global_init");
  symbols.find(api.easy_init, "curl_easy_init");
  symbols.find(api.easy_cleanup, "curl_easy_cleanup");
  symbols.find(api.easy_reset, "curl_easy_reset");
  symbols.find(api.easy_setopt, "curl_easy_setopt");
  symbols.find(api.easy_getinfo, "curl_easy_getinfo");
  symbols.find(api.easy_strerror, "curl_easy_strerror");
  symbols.find(api.multi_init, "curl_multi_init");
  symbols.find(api.multi_cleanup, "curl_multi_cleanup");
  symbols.find(api.multi_setopt, "curl_multi_setopt");
  symbols.find(api.multi_add_handle, "curl_multi_add_handle");
  symbols.find(api.multi_remove_handle, "curl_multi_remove_handle");
  symbols.find(api.multi_socket_action, "curl_multi_socket_action");
  symbols.find(api.multi_info_read, "curl_multi_info_read");
  symbols.find(api.slist_append, "curl_slist_append");
  symbols.find(api.slist_free_all, "curl_slist_free_all");
  if (!symbols.missing().empty()) {
    return environment_error("the installed libcurl lacks `" + symbols.missing() + "`", kInstall);
  }
  if (api.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
    return environment_error("libcurl did not start up", "check that the installed libcurl and its TLS library work");
  }
  return api;
}

}  // namespace llmops::sys

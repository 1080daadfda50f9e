#include "model/exec/program.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace llmops::model::exec {
namespace {

constexpr Duration kGrace{1000};

constexpr std::array<std::string_view, 26> kInherited = {"PATH",
                                                         "HOME",
                                                         "USER",
                                                         "LOGNAME",
                                                         "SHELL",
                                                         "LANG",
                                                         "TZ",
                                                         "TMPDIR",
                                                         "XDG_CACHE_HOME",
                                                         "XDG_CONFIG_HOME",
                                                         "PYTHONPATH",
                                                         "NODE_PATH",
                                                         "VIRTUAL_ENV",
                                                         "CONDA_PREFIX",
                                                         "LD_LIBRARY_PATH",
                                                         "CUDA_VISIBLE_DEVICES",
                                                         "SSL_CERT_FILE",
                                                         "SSL_CERT_DIR",
                                                         "REQUESTS_CA_BUNDLE",
                                                         "CURL_CA_BUNDLE",
                                                         "HTTP_PROXY",
                                                         "HTTPS_PROXY",
                                                         "NO_PROXY",
                                                         "http_proxy",
                                                         "https_proxy",
                                                         "no_proxy"};

std::map<std::string, std::string> environment_of(const ModelConfig& config, const sys::Env& env) {
  // A Python program's answers would otherwise wait in its buffer for more to come.
  std::map<std::string, std::string> out{{"PYTHONUNBUFFERED", "1"}};
  for (const auto& [name, value] : env.all()) {
    const bool known = std::find(kInherited.begin(), kInherited.end(), name) != kInherited.end();
    if (known || name.starts_with("LC_")) out[name] = value;
  }
  for (const auto& [name, value] : config.env) out[name] = value;
  return out;
}

bool looks_secret(const std::string& name) {
  const auto lower = text::lower(name);
  const auto parts = {"key", "token", "secret", "passw", "credential"};
  return std::any_of(parts.begin(), parts.end(),
                     [&](const char* part) { return lower.find(part) != std::string::npos; });
}

}  // namespace

sys::ProcessSpec spec_of(const ModelConfig& config, const OpenContext& context) {
  sys::ProcessSpec out;
  out.argv = config.command;
  if (const sys::Path program = out.argv.front(); program.is_relative() && program.has_parent_path()) {
    out.argv.front() = (context.folder / program).lexically_normal().string();
  }
  out.folder = context.folder;
  out.env = environment_of(config, context.system.env);
  out.grace = kGrace;
  return out;
}

Redactor redactor_of(const ModelConfig& config) {
  Redactor out;
  for (const auto& [name, value] : config.env) {
    if (looks_secret(name)) out.add(value);
  }
  return out;
}

}  // namespace llmops::model::exec

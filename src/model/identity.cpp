#include "base/text.h"
#include "doc/json.h"
#include "model/base_url.h"
#include "model/config.h"
#include "model/provider.h"
#include "sys/hash.h"

namespace llmops::model {
namespace {

doc::Node texts(const std::map<std::string, std::string>& values) {
  auto out = doc::Node::map();
  for (const auto& [key, value] : values) out[key] = value;
  return out;
}

}  // namespace

doc::Node identity(const ModelConfig& config, const ModelFiles& files) {
  auto out = doc::Node::map({{"provider", config.provider}});
  if (config.provider == "llama") {
    if (files.file) {
      out["file"] = files.file->to_string();
    } else {
      out["model"] = config.model;
    }
    if (files.adapter) out["adapter"] = files.adapter->to_string();
  } else if (const auto* provider = find_provider(config.provider); provider != nullptr && provider->is_api) {
    out["base_url"] = normalised(base_url_of(config));
    out["model"] = config.model;
    if (config.api != ModelConfig{}.api) out["api"] = config.api;
    if (config.dimensions) out["dimensions"] = *config.dimensions;
  } else if (config.provider == "exec") {
    out["command"] = doc::Node::strings(config.command);
    out["program"] = texts(files.program_blobs);
    if (!files.plain_env.empty()) out["env"] = texts(files.plain_env);
  }
  if (config.stream) out["stream"] = true;
  return out;
}

Digest identity_digest(const ModelConfig& config, const ModelFiles& files) {
  return sys::sha256("llmops model 1\n" + doc::to_canonical_json(identity(config, files)));
}

bool cacheable(const ModelConfig& config, const ModelFiles& files) {
  return config.provider != "exec" || !files.program_blobs.empty();
}

}  // namespace llmops::model

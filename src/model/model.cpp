#include "model/model.h"

#include "model/provider.h"

namespace llmops::model {

Result<std::unique_ptr<Model>> open_model(const ModelConfig& config, OpenContext& context) {
  if (config.provider == "llama") return open_llama(config, context);
  if (config.provider == "openai") return open_openai(config, context);
  if (config.provider == "anthropic") return open_anthropic(config, context);
  if (config.provider == "ollama") return open_ollama(config, context);
  if (config.provider == "exec") return open_exec(config, context);
  if (config.provider == "echo") return open_echo(config, context);
  std::vector<std::string_view> known;
  for (const auto& provider : providers()) known.push_back(provider.name);
  return invalid_error("unknown provider `" + config.provider + "`, expected " + listed(known, "or"));
}

}  // namespace llmops::model

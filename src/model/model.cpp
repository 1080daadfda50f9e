#include "model/model.h"

namespace llmops::model {

Result<std::unique_ptr<Model>> open_model(const ModelConfig& config, OpenContext& context) {
  if (config.provider == "llama") return open_llama(config, context);
  if (config.provider == "openai") return open_openai(config, context);
  if (config.provider == "exec") return open_exec(config, context);
  return invalid_error("unknown provider `" + config.provider + "`, expected `llama`, `openai` or `exec`");
}

}  // namespace llmops::model

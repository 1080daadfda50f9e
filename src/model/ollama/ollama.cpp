/// \file  A model behind Ollama.
#include "model/api/api_model.h"
#include "model/ollama/chat.h"

namespace llmops::model {

Result<std::unique_ptr<Model>> open_ollama(const ModelConfig& config, OpenContext& context) {
  if (config.model.empty()) return invalid_error("provider `ollama` needs `model`, the server's name for it");
  return api::make_api_model(config, ollama::chat(), context.system);
}

}  // namespace llmops::model

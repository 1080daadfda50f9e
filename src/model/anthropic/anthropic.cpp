/// \file  A model behind Anthropic's API.
#include "model/anthropic/messages.h"
#include "model/api/api_model.h"

namespace llmops::model {

Result<std::unique_ptr<Model>> open_anthropic(const ModelConfig& config, OpenContext& context) {
  if (config.model.empty()) return invalid_error("provider `anthropic` needs `model`, the server's name for it");
  return api::make_api_model(config, anthropic::messages(), context.system);
}

}  // namespace llmops::model

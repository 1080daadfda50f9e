/// \file  A model behind OpenAI's API, or one like it.
#include "model/api/api_model.h"
#include "model/batching.h"
#include "model/openai/chat.h"
#include "model/openai/embeddings.h"
#include "model/openai/responses.h"

namespace llmops::model {

Result<std::unique_ptr<Model>> open_openai(const ModelConfig& config, OpenContext& context) {
  if (config.model.empty()) return invalid_error("provider `openai` needs `model`, the server's name for it");
  if (config.api == "embeddings") {
    return batching(api::make_api_model(config, openai::embeddings(config.dimensions), context.system));
  }
  auto dialect = config.api == "responses" ? openai::responses() : openai::chat();
  return api::make_api_model(config, std::move(dialect), context.system);
}

}  // namespace llmops::model

#include <algorithm>

#include "base/text.h"
#include "model/catalog.h"
#include "model/embedding.h"
#include "model/llama/embedding_engine.h"
#include "model/llama/engine.h"
#include "model/llama/threads.h"
#include "model/llama/weights.h"
#include "model/model.h"

namespace llmops::model {
namespace {

constexpr std::int64_t kSlots = 8, kMostSlots = 64, kMostContext = 2048;

struct LlamaParts {
  llama::Weights weights;
  llama::ChatFormatConfig chat;
  llama::Sequences sequences;
  llama::EngineConfig engine;
};

/// A GGUF model in this process.
class LlamaModel final : public Model {
 public:
  LlamaModel(LlamaParts parts, sys::Clock& clock)
      : weights_(std::move(parts.weights)),
        format_(std::move(parts.chat)),
        context_(parts.engine.context),
        engine_(std::move(parts.sequences), weights_.vocabulary, clock, std::move(parts.engine)) {}

  void ask(Query query, StopToken stop, std::function<void(Result<Answer, QueryFailure>)> done) override {
    if (!query.embed.empty()) return done(QueryFailure{embeds_nothing()});
    const auto wanted = query.parameters.context.value_or(static_cast<std::int64_t>(context_));
    const auto room = std::min(static_cast<std::size_t>(wanted), context_);
    auto prepared = room < static_cast<std::size_t>(wanted) ? too_large(wanted)
                                                            : llama::prepare(query, format_, weights_.vocabulary, room);
    if (prepared && room < context_) {
      const auto left = static_cast<std::int64_t>(room - prepared->prompt.size());
      query.parameters.max_tokens = std::min(query.parameters.max_tokens.value_or(left), left);
    }
    engine_.submit({std::move(query), std::move(prepared), std::move(stop), std::move(done)});
  }
  std::int64_t concurrency() const override { return static_cast<std::int64_t>(engine_.slots()); }

 private:
  /// Memory is taken when the model is opened, for as much as the model itself names.
  Result<llama::Prepared> too_large(std::int64_t wanted) const {
    return invalid_error("a context of " + std::to_string(wanted) +
                             " tokens is wanted, and the model was opened with " + std::to_string(context_),
                         {}, "raise `parameters.context` of the model; a prompt or an eval can only lower it");
  }

  llama::Weights weights_;
  llama::ChatFormat format_;
  std::size_t context_;
  llama::Engine engine_;
};

/// A GGUF model in this process that gives vectors of texts.
class LlamaEmbedder final : public Model {
 public:
  LlamaEmbedder(llama::Weights weights, llama::Encoder encoder, sys::Clock& clock)
      : weights_(std::move(weights)), longest_(encoder.longest()), engine_(std::move(encoder), clock) {}

  void ask(Query query, StopToken stop, std::function<void(Result<Answer, QueryFailure>)> done) override {
    if (query.embed.size() != 1) return done(QueryFailure{answers_nothing()});
    if (text::trim(query.embed.front()).empty())
      return done(QueryFailure{invalid_error("an empty text has no vector")});
    engine_.submit({weights_.vocabulary.whole(query.embed.front(), longest_), std::move(stop), std::move(done)});
  }
  std::int64_t concurrency() const override { return llama::EmbeddingEngine::kMostWaiting; }

 private:
  llama::Weights weights_;
  std::size_t longest_;
  llama::EmbeddingEngine engine_;
};

Result<sys::Path> model_file(const ModelConfig& config, OpenContext& context) {
  if (!config.file.value.empty()) return context.folder / config.file.value;
  TRY(const auto stored, ModelStore(context.system, context.models_folder).find(config.model));
  return stored.path;
}

std::optional<sys::Path> adapter_file(const ModelConfig& config, const OpenContext& context) {
  if (config.adapter.value.empty()) return std::nullopt;
  return context.folder / config.adapter.value;
}

/// As many tokens as asked for; else what the model was trained on, but not so much that memory is wasted.
std::int64_t context_of(const ModelConfig& config, const llama::Weights& weights) {
  const auto otherwise = std::min(static_cast<std::int64_t>(weights.trained_context), kMostContext);
  return std::max<std::int64_t>(config.parameters.context.value_or(otherwise), 2);
}

void tell(sys::Log& log, const sys::Path& file, const llama::SequencesConfig& config, Bytes memory) {
  log.write(sys::Log::Level::info, "loaded " + file.string() + ": " + std::to_string(config.count) + " sequences of " +
                                       std::to_string(config.positions) + " tokens, " + units::to_string(memory) +
                                       " of attention memory, " + std::to_string(config.threads) + " threads");
}

Error no_generator(const sys::Path& file) {
  return environment_error("the model file `" + file.string() + "` is made to embed texts, and answers nothing",
                           "write `api: embeddings` to have it embed, or name a model that answers");
}

Error no_embedder(const sys::Path& file) {
  return environment_error(
      "the model file `" + file.string() + "` is made to answer: it does not say how a whole text becomes a vector",
      "leave out `api: embeddings`, or name a model that embeds, such as `all-minilm-l6-v2`");
}

Result<std::unique_ptr<Model>> open_embedder(const ModelConfig& config, llama::Weights weights, OpenContext& context) {
  const auto longest = std::min<std::int64_t>(context_of(config, weights), weights.trained_context);
  TRY(auto encoder,
      llama::Encoder::make(weights, {static_cast<std::size_t>(longest), llama::usable_cpus(context.system.files)}));
  return std::unique_ptr<Model>(
      std::make_unique<LlamaEmbedder>(std::move(weights), std::move(encoder), context.system.clock));
}

}  // namespace

Result<std::unique_ptr<Model>> open_llama(const ModelConfig& config, OpenContext& context) {
  TRY(const auto file, model_file(config, context));
  TRY(auto weights, llama::load_weights(context.system.files, file, adapter_file(config, context)));
  if (weights.embeds != embeds(config)) return weights.embeds ? no_generator(file) : no_embedder(file);
  if (weights.embeds) return open_embedder(config, std::move(weights), context);
  llama::SequencesConfig shape;
  const auto positions = context_of(config, weights);
  shape.count =
      static_cast<std::uint32_t>(std::clamp<std::int64_t>(config.concurrency.value_or(kSlots), 1, kMostSlots));
  shape.positions = static_cast<std::uint32_t>(positions);
  shape.threads = llama::usable_cpus(context.system.files);
  TRY(auto sequences, llama::Sequences::make(weights, shape));
  tell(context.system.log, file, shape, sequences.memory());
  llama::ChatFormatConfig chat{config.model.empty() ? file.filename().string() : config.model, weights.chat_template,
                               weights.vocabulary.bos_text(), weights.vocabulary.eos_text()};
  llama::EngineConfig engine{static_cast<std::size_t>(positions)};
  return std::unique_ptr<Model>(std::make_unique<LlamaModel>(
      LlamaParts{std::move(weights), std::move(chat), std::move(sequences), std::move(engine)}, context.system.clock));
}

}  // namespace llmops::model

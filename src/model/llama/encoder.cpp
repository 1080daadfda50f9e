#include "model/llama/encoder.h"

#include <ggml-cpu.h>
#include <llama.h>

#include <algorithm>

#include "model/llama/batch.h"

namespace llmops::model::llama {
namespace {

/// Attention costs the square of what is computed at once: more texts together are no faster.
constexpr std::size_t kWorthwhile = 512;

llama_context_params context_params(std::size_t tokens, std::uint32_t threads) {
  auto params = llama_context_default_params();
  params.n_ctx = params.n_batch = params.n_ubatch = static_cast<std::uint32_t>(tokens);
  params.n_seq_max = static_cast<std::uint32_t>(Encoder::kMostTexts);
  params.n_threads = params.n_threads_batch = static_cast<std::int32_t>(threads);
  params.kv_unified = true;
  params.embeddings = true;
  return params;
}

bool asked_to_stop(void* function) {
  const auto& asked = *static_cast<const std::function<bool()>*>(function);
  return asked && asked();
}

}  // namespace

Result<Encoder> Encoder::make(const Weights& weights, const EncoderConfig& config) {
  Encoder out(config.threads);
  out.longest_ = config.longest;
  out.most_tokens_ = std::max(config.longest, kWorthwhile);
  out.context_.reset(llama_init_from_model(weights.model.get(), context_params(out.most_tokens_, config.threads)));
  if (!out.context_) {
    return environment_error("there is not enough memory for texts of " + std::to_string(config.longest) + " tokens",
                             "lower `parameters.context` of the model");
  }
  const auto pooling = llama_pooling_type(out.context_.get());
  if (pooling == LLAMA_POOLING_TYPE_NONE || pooling == LLAMA_POOLING_TYPE_RANK) {
    return environment_error("the model gives no vector of a whole text", "name a model that embeds");
  }
  auto thread_params = ggml_threadpool_params_default(static_cast<int>(config.threads));
  thread_params.poll = 1;
  out.threads_.reset(ggml_threadpool_new(&thread_params));
  if (out.threads_) llama_attach_threadpool(out.context_.get(), out.threads_.get(), out.threads_.get());
  out.numbers_ = static_cast<std::size_t>(llama_model_n_embd_out(weights.model.get()));
  return out;
}

Decoded Encoder::encode(std::span<const std::span<const Token>> texts) {
  std::size_t total = 0;
  for (const auto& tokens : texts) total += tokens.size();
  Batch batch(total);
  for (std::size_t text = 0; text < texts.size(); ++text) {
    for (std::size_t at = 0; at < texts[text].size(); ++at) batch.add(texts[text][at], at, text, Batch::Output::yes);
  }
  const auto threads = static_cast<std::int32_t>(choice_.next(total));
  llama_set_n_threads(context_.get(), threads, threads);
  const auto begun = llama_time_us();
  auto* memory = llama_get_memory(context_.get());
  if (memory != nullptr) llama_memory_clear(memory, false);
  const auto status =
      memory == nullptr ? llama_encode(context_.get(), batch.get()) : llama_decode(context_.get(), batch.get());
  if (status == 0) {
    choice_.took(total, std::chrono::microseconds(llama_time_us() - begun));
    return Decoded::all;
  }
  return stop_ && *stop_ && (*stop_)() ? Decoded::stopped : Decoded::failed;
}

std::span<const float> Encoder::vector(std::size_t text) const {
  const auto* numbers = llama_get_embeddings_seq(context_.get(), static_cast<llama_seq_id>(text));
  return numbers == nullptr ? std::span<const float>() : std::span<const float>(numbers, numbers_);
}

void Encoder::stop_when(std::function<bool()> asked) {
  stop_ = std::make_unique<std::function<bool()>>(std::move(asked));
  llama_set_abort_callback(context_.get(), asked_to_stop, stop_.get());
}

}  // namespace llmops::model::llama

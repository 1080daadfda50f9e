#include "model/llama/sequences.h"

#include <ggml-cpu.h>
#include <llama.h>

#include <algorithm>

#include "model/llama/batch.h"

namespace llmops::model::llama {
namespace {

constexpr std::uint32_t kMostAtOnce = 512;

bool asked_to_stop(void* function) {
  const auto& asked = *static_cast<const std::function<bool()>*>(function);
  return asked && asked();
}

/// Keys and values of every layer, two bytes a number.
Bytes attention_memory(const llama_model* model, std::uint64_t positions) {
  const auto heads = static_cast<std::uint64_t>(std::max(llama_model_n_head(model), 1));
  const auto head_size = static_cast<std::uint64_t>(llama_model_n_embd(model)) / heads;
  const auto layers = static_cast<std::uint64_t>(llama_model_n_layer(model));
  const auto key_heads = static_cast<std::uint64_t>(llama_model_n_head_kv(model));
  return {positions * layers * key_heads * head_size * 2 * 2};
}

llama_context_params context_params(const SequencesConfig& config) {
  auto params = llama_context_default_params();
  params.n_ctx = config.count * config.positions;
  params.n_batch = params.n_ubatch = std::max(kMostAtOnce, config.count);
  params.n_seq_max = config.count;
  params.n_threads = params.n_threads_batch = static_cast<std::int32_t>(config.threads);
  params.kv_unified = false;
  params.swa_full = true;
  params.flash_attn_type = LLAMA_FLASH_ATTN_TYPE_ENABLED;
  return params;
}

}  // namespace

Result<Sequences> Sequences::make(const Weights& weights, const SequencesConfig& config) {
  Sequences out(config.threads);
  const auto params = context_params(config);
  const auto wanted = attention_memory(weights.model.get(), params.n_ctx);
  out.context_.reset(llama_init_from_model(weights.model.get(), params));
  if (!out.context_) {
    return environment_error("there is not enough memory for " + std::to_string(config.count) + " sequences of " +
                                 std::to_string(config.positions) + " tokens (" + units::to_string(wanted) + ")",
                             "lower `concurrency` or `parameters.context` of the model");
  }
  out.memory_ = attention_memory(weights.model.get(), llama_n_ctx(out.context_.get()));
  if (auto* adapter = weights.adapter; adapter != nullptr) {
    float scale = 1;
    if (llama_set_adapters_lora(out.context_.get(), &adapter, 1, &scale) != 0) {
      return environment_error("the adapter can't be used with this model");
    }
  }
  auto thread_params = ggml_threadpool_params_default(static_cast<int>(config.threads));
  thread_params.poll = 1;  // Long enough for what happens between two decodings, and no longer.
  out.threads_.reset(ggml_threadpool_new(&thread_params));
  if (out.threads_) llama_attach_threadpool(out.context_.get(), out.threads_.get(), out.threads_.get());
  out.held_.resize(config.count);
  out.vocabulary_ = static_cast<std::size_t>(llama_vocab_n_tokens(llama_model_get_vocab(weights.model.get())));
  out.most_at_once_ = params.n_batch;
  out.can_be_cut_ = weights.can_share_prefixes;
  return out;
}

void Sequences::cut(std::size_t sequence, std::size_t length) {
  auto& held = held_[sequence];
  if (length >= held.size()) return;
  auto* memory = llama_get_memory(context_.get());
  const auto id = static_cast<llama_seq_id>(sequence);
  llama_memory_seq_rm(memory, id, length == 0 ? -1 : static_cast<llama_pos>(length), -1);
  held.resize(length);
}

void Sequences::copy(std::size_t from, std::size_t to, std::size_t length) {
  if (from != to) {
    // Between separate memories only a whole sequence can be copied.
    auto* memory = llama_get_memory(context_.get());
    llama_memory_seq_cp(memory, static_cast<llama_seq_id>(from), static_cast<llama_seq_id>(to), -1, -1);
    held_[to] = held_[from];
  }
  cut(to, length);
}

Decoded Sequences::extend(std::span<const Extension> extensions) {
  const auto status = decode(extensions);
  for (const auto& extension : extensions) {
    auto& held = held_[extension.sequence];
    const auto before = held.size();
    held.insert(held.end(), extension.tokens.begin(), extension.tokens.end());
    if (status != 0) cut(extension.sequence, before);
  }
  if (status == 0) return Decoded::all;
  return status == 2 ? Decoded::stopped : Decoded::failed;
}

std::int32_t Sequences::decode(std::span<const Extension> extensions) {
  std::vector<std::size_t> order(extensions.size());
  std::size_t total = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    order[i] = i;
    total += extensions[i].tokens.size();
  }
  // Sequences that stand in order and without gaps are computed together.
  std::sort(order.begin(), order.end(),
            [&](auto a, auto b) { return extensions[a].sequence < extensions[b].sequence; });
  Batch batch(total);
  rows_.assign(extensions.size(), {});
  std::size_t row = 0;
  for (const auto i : order) {
    const auto& extension = extensions[i];
    rows_[i] = {row, extension.tokens.size()};
    const auto start = held_[extension.sequence].size();
    for (std::size_t at = 0; at < extension.tokens.size(); ++at) {
      const bool scored = extension.scored == Scored::all || at + 1 == extension.tokens.size();
      batch.add(extension.tokens[at], start + at, extension.sequence, scored ? Batch::Output::yes : Batch::Output::no);
    }
    row += extension.tokens.size();
  }
  const auto threads = static_cast<std::int32_t>(choice_.next(total));
  llama_set_n_threads(context_.get(), threads, threads);
  const auto begun = llama_time_us();
  const auto status = llama_decode(context_.get(), batch.get());
  if (status == 0) choice_.took(total, std::chrono::microseconds(llama_time_us() - begun));
  return status;
}

Logits Sequences::logits(std::size_t extension) const { return logits(extension, rows_[extension].count - 1); }

Logits Sequences::logits(std::size_t extension, std::size_t index) const {
  const auto row = static_cast<std::int32_t>(rows_[extension].first + index);
  return {llama_get_logits_ith(context_.get(), row), vocabulary_};
}

void Sequences::stop_when(std::function<bool()> asked) {
  stop_ = std::make_unique<std::function<bool()>>(std::move(asked));
  llama_set_abort_callback(context_.get(), asked_to_stop, stop_.get());
}

}  // namespace llmops::model::llama

#pragma once
/// \file  The engine's own objects, owned. Its headers stay in the `.cpp` files of this folder.
#include <cstdint>
#include <memory>

struct llama_model;
struct llama_context;
struct llama_vocab;
struct llama_sampler;
struct llama_adapter_lora;
struct ggml_threadpool;

namespace llmops::model::llama {

using Token = std::int32_t;

struct FreeModel {
  void operator()(llama_model* model) const;
};
struct FreeContext {
  void operator()(llama_context* context) const;
};
struct FreeSampler {
  void operator()(llama_sampler* sampler) const;
};
struct FreeThreads {
  void operator()(ggml_threadpool* threads) const;
};

using ModelHandle = std::unique_ptr<llama_model, FreeModel>;
using ContextHandle = std::unique_ptr<llama_context, FreeContext>;
using SamplerHandle = std::unique_ptr<llama_sampler, FreeSampler>;
using ThreadsHandle = std::unique_ptr<ggml_threadpool, FreeThreads>;

}  // namespace llmops::model::llama

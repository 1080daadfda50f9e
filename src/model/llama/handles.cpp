#include "model/llama/handles.h"

#include <ggml-cpu.h>
#include <llama.h>

namespace llmops::model::llama {

void FreeModel::operator()(llama_model* model) const { llama_model_free(model); }
void FreeContext::operator()(llama_context* context) const { llama_free(context); }
void FreeSampler::operator()(llama_sampler* sampler) const { llama_sampler_free(sampler); }
void FreeThreads::operator()(ggml_threadpool* threads) const { ggml_threadpool_free(threads); }

}  // namespace llmops::model::llama

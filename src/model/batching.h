#pragma once
/// \file  Texts to embed, many to a request.
#include <memory>

#include "model/model.h"

namespace llmops::model {

/// Most texts of one request, and most bytes of them together. Hugging Face's Text Embeddings Inference refuses more
/// than 32 texts unless told otherwise; OpenAI more than 300,000 tokens, of which each has a byte or more.
struct BatchLimits {
  std::size_t texts = 32, bytes = 256 * 1024;
};

/// Asks `inner` for the vectors of many queries of one text each at once: it sends when a request is full, or at
/// `flush`, and never more requests than `inner` takes. What is held meanwhile goes out as others come back. Each query
/// gets its own vector, the exchange's latency, and of the tokens a part by its text's bytes. Where a request is
/// refused for what it holds (a failure of its own that won't pass), its halves are asked by themselves, so that a text
/// that the server does not take spoils no other.
std::unique_ptr<Model> batching(std::unique_ptr<Model> inner, BatchLimits limits = {});

}  // namespace llmops::model

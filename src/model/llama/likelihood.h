#pragma once
/// \file  What a model's scores say of the next token.
#include "model/llama/sequences.h"

namespace llmops::model::llama {

/// The token with the highest score, the first of equals.
Token likeliest(Logits logits);

/// ln of the probability (softmax over all tokens) of `token`.
double log_probability(Logits logits, Token token);

/// The scores as probabilities that sum to 1 (softmax).
std::vector<double> probabilities(const std::vector<double>& scores);

}  // namespace llmops::model::llama

#pragma once
/// \file  Holding an answer to a form.
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/llama/handles.h"
#include "model/llama/sequences.h"
#include "model/query.h"

namespace llmops::model::llama {

/// The grammar (GBNF) of the form that a query's answer must have; empty where any text will do. Errors of kind
/// `invalid`: a schema that no grammar can hold.
Result<std::string> grammar_of(const Parameters& parameters);

/// A grammar on its way through one answer. Used from one thread.
class Grammar {
 public:
  /// Errors of kind `step`: the engine can't read the grammar.
  static Result<Grammar> make(const llama_vocab* vocabulary, const std::string& grammar);
  /// Whether this token may come next; one that ends the answer, whether the answer may end here.
  bool allows(Token token) const;
  /// The scores without the tokens that may not come next.
  std::vector<float> masked(Logits logits) const;
  /// False where the engine can't go on from here, which ends the answer.
  bool accept(Token token);

 private:
  explicit Grammar(SamplerHandle sampler) : sampler_(std::move(sampler)) {}
  SamplerHandle sampler_;
};

}  // namespace llmops::model::llama

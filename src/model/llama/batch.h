#pragma once
/// \file  Tokens to compute at once. Private to the `.cpp` files of this folder.
#include <llama.h>

#include <cstddef>

#include "model/llama/handles.h"

namespace llmops::model::llama {

class Batch {
 public:
  explicit Batch(std::size_t capacity) : batch_(llama_batch_init(static_cast<std::int32_t>(capacity), 0, 1)) {}
  ~Batch() { llama_batch_free(batch_); }
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;

  enum class Output { no, yes };
  void add(Token token, std::size_t position, std::size_t sequence, Output output) {
    const auto at = batch_.n_tokens++;
    batch_.token[at] = token;
    batch_.pos[at] = static_cast<llama_pos>(position);
    batch_.n_seq_id[at] = 1;
    batch_.seq_id[at][0] = static_cast<llama_seq_id>(sequence);
    batch_.logits[at] = output == Output::yes ? 1 : 0;
  }
  const llama_batch& get() const { return batch_; }

 private:
  llama_batch batch_;
};

}  // namespace llmops::model::llama

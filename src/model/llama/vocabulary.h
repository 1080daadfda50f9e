#pragma once
/// \file  Text to tokens and back, with special tokens only where a template's author wrote them.
#include <string>
#include <string_view>
#include <vector>

#include "model/llama/handles.h"
#include "templating/message.h"

namespace llmops::model::llama {

/// A model's vocabulary. Immutable; safe to use from many threads while the model lives.
class Vocabulary {
 public:
  explicit Vocabulary(const llama_vocab* vocab);

  /// The tokens of a prompt. Special tokens (control tokens such as `<|im_end|>`) are recognised in the author's parts
  /// only; the plain text between two of them is tokenised as one piece whoever wrote it, so the result is that of the
  /// joined text. Begins with the BOS token where the model wants one.
  std::vector<Token> prompt(const templating::Text& text) const;
  /// The tokens of a plain text that stands alone: no BOS, no special tokens.
  std::vector<Token> plain(std::string_view text) const;
  struct Whole {
    std::vector<Token> tokens;
    bool cut = false;  ///< They are those of the text's beginning.
  };
  /// The tokens of a text to be read as a whole, at most so many, between those that the model wants around it (`[CLS]`
  /// and `[SEP]`); no special tokens of the text's own.
  Whole whole(std::string_view text, std::size_t most) const;
  /// The tokens of a plain text that goes on from another: the same, without the space that some vocabularies put in
  /// front.
  std::vector<Token> continuation(std::string_view text) const;

  /// The bytes that a token stands for; empty for control tokens. May end within a code point.
  std::string piece(Token token) const;
  bool ends_answer(Token token) const;
  bool is_control(Token token) const;
  std::string bos_text() const;  ///< As a template writes it; empty where there is none.
  std::string eos_text() const;

  const llama_vocab* get() const { return vocab_; }

 private:
  struct Special {
    std::string text;
    Token token = 0;
    bool strips_left = false, strips_right = false;
  };
  struct Found {
    std::size_t at = std::string_view::npos;
    const Special* special = nullptr;
  };
  Found first_special(std::string_view text) const;
  std::vector<Token> run(std::string_view text) const;
  std::string text_of(Token token) const;

  const llama_vocab* vocab_;
  std::vector<Special> specials_;  ///< Longest text first.
};

}  // namespace llmops::model::llama

#include "model/llama/vocabulary.h"

#include <llama.h>

#include <algorithm>

#include "base/text.h"
#include "model/llama/hangul.h"

namespace llmops::model::llama {
namespace {

constexpr std::string_view kSpace = " \t\n\r\v\f";

/// Whether the tokens that the model wants around a text are added.
enum class Around { no, yes };

std::vector<Token> tokenize(const llama_vocab* vocab, std::string_view text, Around around = Around::no) {
  std::vector<Token> out(text.size() + 2);
  const auto length = static_cast<std::int32_t>(text.size());
  const auto fill = [&] {
    return llama_tokenize(vocab, text.data(), length, out.data(), static_cast<std::int32_t>(out.size()),
                          around == Around::yes, false);
  };
  auto count = fill();
  if (count < 0) {
    out.resize(static_cast<std::size_t>(-count));
    count = fill();
  }
  out.resize(static_cast<std::size_t>(std::max(count, 0)));
  return out;
}

std::string_view without_trailing_space(std::string_view text) {
  const auto last = text.find_last_not_of(kSpace);
  return last == std::string_view::npos ? std::string_view{} : text.substr(0, last + 1);
}
std::string_view without_leading_space(std::string_view text) {
  const auto first = text.find_first_not_of(kSpace);
  return first == std::string_view::npos ? std::string_view{} : text.substr(first);
}

}  // namespace

Vocabulary::Vocabulary(const llama_vocab* vocab) : vocab_(vocab) {
  const auto count = llama_vocab_n_tokens(vocab);
  for (Token token = 0; token < count; ++token) {
    const auto attributes = llama_vocab_get_attr(vocab, token);
    if ((attributes & (LLAMA_TOKEN_ATTR_CONTROL | LLAMA_TOKEN_ATTR_UNKNOWN)) == 0) continue;
    auto text = text_of(token);
    if (text.empty()) continue;
    specials_.push_back({std::move(text), token, (attributes & LLAMA_TOKEN_ATTR_LSTRIP) != 0,
                         (attributes & LLAMA_TOKEN_ATTR_RSTRIP) != 0});
  }
  std::stable_sort(specials_.begin(), specials_.end(),
                   [](const Special& a, const Special& b) { return a.text.size() > b.text.size(); });
}

Vocabulary::Found Vocabulary::first_special(std::string_view text) const {
  Found found;
  for (const auto& special : specials_) {
    const auto at = text.substr(0, found.at == std::string_view::npos ? text.size() : found.at + special.text.size())
                        .find(special.text);
    if (at < found.at) found = {at, &special};
  }
  return found;
}

std::vector<Token> Vocabulary::prompt(const templating::Text& text) const {
  std::vector<Token> out;
  std::string pending;  // Plain text since the last special token.
  bool strip_next = false;
  const auto flush = [&](bool strip_end) {
    std::string_view run_text = pending;
    if (strip_next) run_text = without_leading_space(run_text);
    if (strip_end) run_text = without_trailing_space(run_text);
    const auto tokens = run(run_text);
    out.insert(out.end(), tokens.begin(), tokens.end());
    pending.clear();
  };
  templating::Text joined;
  for (const auto& part : text) {
    if (!joined.empty() && joined.back().origin == part.origin)
      joined.back().text += part.text;
    else
      joined.push_back(part);
  }
  for (const auto& part : joined) {
    std::string_view rest = part.text;
    while (part.origin == templating::Origin::author) {
      const auto found = first_special(rest);
      if (found.special == nullptr) break;
      pending += rest.substr(0, found.at);
      flush(found.special->strips_left);
      out.push_back(found.special->token);
      strip_next = found.special->strips_right;
      rest.remove_prefix(found.at + found.special->text.size());
    }
    pending += rest;
  }
  flush(false);
  const auto bos = llama_vocab_bos(vocab_);
  if (llama_vocab_get_add_bos(vocab_) && bos != LLAMA_TOKEN_NULL && (out.empty() || out.front() != bos)) {
    out.insert(out.begin(), bos);
  }
  return out;
}

std::vector<Token> Vocabulary::plain(std::string_view text) const { return run(text); }

Vocabulary::Whole Vocabulary::whole(std::string_view text, std::size_t most) const {
  // The engine's WordPiece decomposes letters by a table that has no Hangul syllables; those of the models are
  // decomposed.
  const bool word_pieces = llama_vocab_type(vocab_) == LLAMA_VOCAB_TYPE_WPM;
  Whole out{word_pieces ? tokenize(vocab_, decompose_hangul(text), Around::yes) : tokenize(vocab_, text, Around::yes)};
  if (out.tokens.size() <= most) return out;
  const auto last = out.tokens.back();
  out.tokens.resize(most);
  if (is_control(last)) out.tokens.back() = last;
  out.cut = true;
  return out;
}

std::vector<Token> Vocabulary::continuation(std::string_view text) const {
  const std::string anchor = "\n";
  const auto lead = run(anchor);
  auto tokens = run(anchor + std::string(text));
  if (lead.size() < tokens.size() && std::equal(lead.begin(), lead.end(), tokens.begin())) {
    tokens.erase(tokens.begin(), tokens.begin() + static_cast<std::ptrdiff_t>(lead.size()));
    return tokens;
  }
  return run(text);
}

std::vector<Token> Vocabulary::run(std::string_view text) const {
  if (text.empty()) return {};
  auto tokens = tokenize(vocab_, text);
  if (std::none_of(tokens.begin(), tokens.end(), [&](Token token) { return is_control(token); })) return tokens;
  // Some tokenisers merge plain characters into a control token; one character at a time they can't.
  tokens.clear();
  for (const auto point : text::code_points(text)) {
    for (const auto token : tokenize(vocab_, point)) {
      if (!is_control(token)) tokens.push_back(token);
    }
  }
  return tokens;
}

std::string Vocabulary::piece(Token token) const {
  std::string out(64, '\0');
  auto length = llama_token_to_piece(vocab_, token, out.data(), static_cast<std::int32_t>(out.size()), 0, false);
  if (length < 0) {
    out.resize(static_cast<std::size_t>(-length));
    length = llama_token_to_piece(vocab_, token, out.data(), static_cast<std::int32_t>(out.size()), 0, false);
  }
  out.resize(static_cast<std::size_t>(std::max(length, 0)));
  return out;
}

bool Vocabulary::ends_answer(Token token) const { return llama_vocab_is_eog(vocab_, token); }

bool Vocabulary::is_control(Token token) const {
  return (llama_vocab_get_attr(vocab_, token) & LLAMA_TOKEN_ATTR_CONTROL) != 0;
}

std::string Vocabulary::text_of(Token token) const {
  if (token == LLAMA_TOKEN_NULL) return {};
  const auto* text = llama_vocab_get_text(vocab_, token);
  return text == nullptr ? std::string{} : std::string(text);
}
std::string Vocabulary::bos_text() const { return text_of(llama_vocab_bos(vocab_)); }
std::string Vocabulary::eos_text() const { return text_of(llama_vocab_eos(vocab_)); }

}  // namespace llmops::model::llama

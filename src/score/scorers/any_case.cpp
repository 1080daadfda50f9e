#include "score/scorers/any_case.h"

#include <re2/re2.h>

#include <algorithm>

#include "base/text.h"
#include "score/scorers/family.h"

namespace llmops::score {

struct AnyCase::Compiled {
  re2::RE2 program;
};

namespace {

re2::StringPiece piece(std::string_view text) { return {text.data(), text.size()}; }

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

/// ASCII letters in lower case, and so the two code points beyond ASCII that are alike to one: the Kelvin sign and the
/// long s.
std::string fold_to_ascii(std::string_view text) {
  auto out = text::lower(text);
  if (is_ascii(out)) return out;
  return text::replace_all(text::replace_all(out, "\xE2\x84\xAA", "k"), "\xC5\xBF", "s");
}

std::shared_ptr<const AnyCase::Compiled> compile(std::string_view text) {
  re2::RE2::Options options(re2::RE2::Quiet);
  options.set_max_mem(64 << 20);
  options.set_literal(true);
  options.set_case_sensitive(false);
  if (text::invalid_utf8(text)) options.set_encoding(re2::RE2::Options::EncodingLatin1);
  return std::shared_ptr<const AnyCase::Compiled>(new AnyCase::Compiled{re2::RE2(piece(text), options)});
}

}  // namespace

AnyCase::AnyCase(std::string text) : text_(std::move(text)) {
  if (is_ascii(text_)) {
    folded_ = text::lower(text_);
  } else {
    compiled_ = compile(text_);
  }
}

Result<bool> AnyCase::in(std::string_view other) const {
  if (!compiled_) return holds(fold_to_ascii(other), folded_);
  if (compiled_->program.ok()) return re2::RE2::PartialMatch(piece(other), compiled_->program);
  return invalid_error("can't look for " + quoted(text_) + " in any case: " + compiled_->program.error());
}

}  // namespace llmops::score

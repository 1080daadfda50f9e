#include "score/scorers/pattern.h"

#include <re2/re2.h>

#include "base/text.h"

namespace llmops::score {

struct Pattern::Compiled {
  re2::RE2 program;
};

namespace {

re2::StringPiece piece(std::string_view text) { return {text.data(), text.size()}; }

Result<std::shared_ptr<const Pattern::Compiled>> compile(const std::string& text, const SourcePos& at) {
  re2::RE2::Options options(re2::RE2::Quiet);
  options.set_max_mem(64 << 20);
  if (text::invalid_utf8(text)) options.set_encoding(re2::RE2::Options::EncodingLatin1);
  const std::shared_ptr<const Pattern::Compiled> compiled(new Pattern::Compiled{re2::RE2(piece(text), options)});
  if (compiled->program.ok()) return compiled;
  return invalid_error(
      "expected a regular expression, found `" + text::shorten(text, 60) + "`: " + compiled->program.error(), at,
      "the syntax is that of RE2; it has no look-around and no back-references");
}

}  // namespace

Result<Pattern> Pattern::of(Setting setting, const SourcePos& at) {
  Pattern out(std::move(setting), at);
  if (const auto& text = out.setting_.constant()) {
    TRY(out.compiled_, compile(*text, at));
  }
  return out;
}

Result<Pattern::Match> Pattern::match(std::string_view text, const Sample& sample) const {
  TRY(auto pattern, setting_.text(sample));
  auto compiled = compiled_;
  if (!compiled) {
    TRY(compiled, compile(pattern, at_));
  }
  return Match{std::move(pattern), re2::RE2::PartialMatch(piece(text), compiled->program)};
}

}  // namespace llmops::score

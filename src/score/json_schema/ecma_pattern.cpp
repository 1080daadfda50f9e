#include "score/json_schema/ecma_pattern.h"

#include <re2/re2.h>

#include "base/text.h"
#include "score/json_schema/ecma_syntax.h"

namespace llmops::score::json_schema {

struct EcmaPattern::Compiled {
  re2::RE2 program;
};

Result<EcmaPattern> EcmaPattern::of(const std::string& pattern, const SourcePos& at) {
  const auto refuse = [&](const std::string& why) {
    return invalid_error("expected a regular expression, found `" + text::shorten(pattern, 60) + "`: " + why, at,
                         "the syntax is that of ECMA 262, without look-around and back-references");
  };
  const auto translated = to_re2_syntax(pattern);
  if (!translated) return refuse(translated.error().message);
  re2::RE2::Options options(re2::RE2::Quiet);
  EcmaPattern out;
  out.written_ = pattern;
  const std::shared_ptr<const Compiled> compiled(
      new Compiled{re2::RE2(re2::StringPiece(translated->data(), translated->size()), options)});
  if (!compiled->program.ok()) return refuse(compiled->program.error());
  out.compiled_ = compiled;
  return out;
}

bool EcmaPattern::matches(std::string_view text) const {
  return re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), compiled_->program);
}

}  // namespace llmops::score::json_schema

#include "base/error.h"

#include <algorithm>

#include "base/text.h"

namespace llmops {
namespace {

/// A source line may be a megabyte long: show the part around the caret.
struct Excerpt {
  std::string text;
  std::size_t caret = 0;
};

Excerpt excerpt_of(std::string_view line, std::uint32_t column) {
  constexpr std::size_t kWidth = 160;
  const auto points = text::code_points(line);
  const std::size_t caret = column == 0 ? 0 : column - 1;
  const std::size_t from = caret > kWidth / 2 && points.size() > kWidth ? caret - kWidth / 2 : 0;
  Excerpt out;
  for (std::size_t i = from; i < std::min(points.size(), from + kWidth); ++i) {
    out.text += points[i] == "\t" ? std::string(" ") : text::printable(points[i]);
  }
  out.caret = caret - from;
  return out;
}

}  // namespace

std::string render(const Error& error, Severity severity) {
  std::string out;
  const auto place = error.at.to_string();
  if (!place.empty()) out += place + ": ";
  const std::string_view word = severity == Severity::warning  ? "warning: "
                                : error.kind == ErrorKind::bug ? "internal error: "
                                                               : "error: ";
  out += std::string(word) + error.message + "\n";
  if (error.at.known() && !error.at.source->text.empty()) {
    const auto number = std::to_string(error.at.line);
    const auto shown = excerpt_of(error.at.source->line(error.at.line), error.at.column);
    out += " " + number + " | " + shown.text + "\n";
    out += std::string(number.size() + 1, ' ') + " | " + std::string(shown.caret, ' ') + "^\n";
  }
  for (const auto& context : error.trail) out += "  while " + context + "\n";
  if (!error.hint.empty()) out += "hint: " + error.hint + "\n";
  return out;
}

Error usage_error(std::string message, std::string hint) {
  return {ErrorKind::usage, std::move(message), {}, std::move(hint), {}};
}
Error invalid_error(std::string message, SourcePos at, std::string hint) {
  return {ErrorKind::invalid, std::move(message), std::move(at), std::move(hint), {}};
}
Error environment_error(std::string message, std::string hint) {
  return {ErrorKind::environment, std::move(message), {}, std::move(hint), {}};
}
Error step_error(std::string message, std::string hint) {
  return {ErrorKind::step, std::move(message), {}, std::move(hint), {}};
}

}  // namespace llmops

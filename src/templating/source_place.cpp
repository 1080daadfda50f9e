#include "templating/source_place.h"

#include <algorithm>

#include "base/text.h"

namespace llmops::templating {
namespace {

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0u) == 0x80u; }

std::string_view from_column(const SourcePos& at) {
  auto rest = at.source->line(at.line);
  for (std::uint32_t column = 1; column < at.column && !rest.empty(); ++column) {
    rest.remove_prefix(1);
    while (!rest.empty() && is_continuation(rest.front())) rest.remove_prefix(1);
  }
  return rest;
}

}  // namespace

SourcePos SourcePlace::at(std::string_view text, std::size_t offset) const {
  if (!first.known()) return first;
  SourcePos out = first;
  for (const char c : text.substr(0, std::min(offset, text.size()))) {
    if (c == '\n') {
      ++out.line;
      out.column = 1 + indent;
    } else if (!is_continuation(c)) {
      ++out.column;
    }
  }
  return out;
}

SourcePlace place_of_scalar(const SourcePos& scalar, std::string_view text) {
  SourcePlace out{scalar, 0};
  if (!scalar.known()) return out;
  const auto rest = from_column(scalar);
  if (rest.empty() || (!text.empty() && text.front() == rest.front())) return out;
  if (rest.starts_with('"') || rest.starts_with('\'')) {
    ++out.first.column;
  } else if (rest.starts_with('|') || rest.starts_with('>')) {
    const auto below = scalar.source->line(scalar.line + 1);
    out.indent = static_cast<std::uint32_t>(std::min(below.find_first_not_of(' '), below.size()));
    out.first.line = scalar.line + 1;
    out.first.column = out.indent + 1;
  }
  return out;
}

}  // namespace llmops::templating

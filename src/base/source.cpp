#include "base/source.h"

#include <algorithm>

namespace llmops {

std::string_view SourceText::line(std::uint32_t number) const {
  std::string_view rest = text;
  if (number < first_line) return {};
  for (std::uint32_t at = first_line; at < number; ++at) {
    const auto end = rest.find('\n');
    if (end == std::string_view::npos) return {};
    rest.remove_prefix(end + 1);
  }
  auto found = rest.substr(0, rest.find('\n'));
  if (found.ends_with('\r')) found.remove_suffix(1);
  return found;
}

std::string SourcePos::to_string() const {
  if (!source) return {};
  if (line == 0) return source->name;
  return source->name + ":" + std::to_string(line) + ":" + std::to_string(column);
}

bool operator==(const SourcePos& a, const SourcePos& b) {
  if (a.line != b.line || a.column != b.column) return false;
  if (a.source == b.source) return true;
  return a.source && b.source && a.source->name == b.source->name;
}

SourcePos position_at(std::shared_ptr<const SourceText> source, std::size_t offset) {
  if (!source) return {};
  SourcePos at{source, source->first_line, 1};
  const std::string_view text = std::string_view(source->text).substr(0, std::min(offset, source->text.size()));
  for (const char c : text) {
    if (c == '\n') {
      ++at.line;
      at.column = 1;
    } else if ((static_cast<unsigned char>(c) & 0xC0u) != 0x80u) {
      ++at.column;
    }
  }
  return at;
}

}  // namespace llmops

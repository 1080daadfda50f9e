#include "doc/yaml_text.h"

#include <algorithm>

#include "base/text.h"

namespace llmops::doc {
namespace {

constexpr std::size_t kMostBytes = std::size_t{8} << 20;

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xC0u) == 0x80u; }
bool is_blank(char c) { return c == ' ' || c == '\t'; }
bool is_space(char c) { return is_blank(c) || c == '\n' || c == '\r'; }

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\n' && c != '\r' && c != '\t') || byte == 0x7F;
}

/// Of what follows this text.
std::uint32_t column_of(std::string_view before) {
  std::uint32_t column = 1;
  for (std::size_t at = before.size(); at > 0 && before[at - 1] != '\n'; --at) {
    if (!continues(before[at - 1])) ++column;
  }
  return column;
}

}  // namespace

SourcePos YamlText::place(std::size_t byte) {
  const auto all = text();
  for (; byte_ < std::min(byte, all.size()); ++byte_) {
    if (all[byte_] == '\n') {
      ++line_;
      column_ = 1;
    } else if (!continues(all[byte_])) {
      ++column_;
    }
  }
  bool same_line = true;
  while (byte_ > byte) {
    --byte_;
    if (all[byte_] == '\n') {
      --line_;
      same_line = false;
    } else if (same_line && !continues(all[byte_])) {
      --column_;
    }
  }
  if (!same_line) column_ = column_of(all.substr(0, byte_));
  return {source_, line_, column_};
}

std::size_t YamlText::skip_properties(std::size_t at) const {
  const auto all = text();
  while (at < all.size() && (all[at] == '&' || all[at] == '!')) {
    while (at < all.size() && !is_space(all[at])) ++at;
    while (at < all.size() && is_space(all[at])) ++at;
  }
  return at;
}

std::optional<std::size_t> YamlText::end_of_quoted(std::size_t at) const {
  const auto all = text();
  const char quote = all[at];
  for (++at; at < all.size(); ++at) {
    if (quote == '"' && all[at] == '\\') {
      ++at;
    } else if (all[at] == quote) {
      const bool doubled = quote == '\'' && at + 1 < all.size() && all[at + 1] == quote;
      if (!doubled) return at + 1;
      ++at;
    }
  }
  return std::nullopt;
}

bool YamlText::indented_by_tab(std::size_t at) const {
  const auto all = text();
  bool tab = false;
  while (at > 0 && is_blank(all[at - 1])) {
    tab = tab || all[at - 1] == '\t';
    --at;
  }
  return tab && (at == 0 || all[at - 1] == '\n');
}

std::string_view YamlText::rest_of_line(std::size_t at) const {
  const auto rest = text().substr(std::min(at, text().size()));
  return rest.substr(0, rest.find_first_of("\r\n"));
}

std::optional<Error> refuse_text(const std::shared_ptr<const SourceText>& source) {
  const auto& text = source->text;
  if (text.size() > kMostBytes) {
    return invalid_error("the document has more than 8 MiB", {source, 0, 0},
                         "data belongs in a dataset (JSON Lines or CSV), not in YAML");
  }
  if (const auto broken = text::invalid_utf8(text)) {
    return invalid_error("byte 0x" + text::to_hex(text.substr(*broken, 1)) + " is not UTF-8",
                         position_at(source, *broken), "save the file as UTF-8");
  }
  const auto control = std::find_if(text.begin(), text.end(), is_control);
  if (control == text.end()) return std::nullopt;
  return invalid_error("control character 0x" + text::to_hex({&*control, 1}) + " in the text",
                       position_at(source, static_cast<std::size_t>(control - text.begin())),
                       "remove it, or write it as an escape in double quotes");
}

}  // namespace llmops::doc

#include "model/json_text.h"

#include <array>
#include <charconv>

#include "base/text.h"

namespace llmops::model {
namespace {

bool plain(char c) { return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\'; }

}  // namespace

void JsonText::escaped(std::string_view value) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::size_t from = 0;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const char c = value[i];
    if (plain(c)) continue;
    text.append(value.substr(from, i - from));
    from = i + 1;
    switch (c) {
      case '"':
        text.append("\\\"");
        break;
      case '\\':
        text.append("\\\\");
        break;
      case '\n':
        text.append("\\n");
        break;
      case '\r':
        text.append("\\r");
        break;
      case '\t':
        text.append("\\t");
        break;
      default:
        text.append("\\u00");
        text.push_back(digits[static_cast<unsigned char>(c) >> 4]);
        text.push_back(digits[static_cast<unsigned char>(c) & 15]);
    }
  }
  text.append(value.substr(from));
}

JsonText& JsonText::number(std::int64_t value) {
  std::array<char, 24> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  return raw({digits.data(), static_cast<std::size_t>(end - digits.data())});
}

JsonText& JsonText::number(double value) { return raw(text::from_double(value)); }

JsonText& JsonText::strings(const std::vector<std::string>& values) {
  text.push_back('[');
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i > 0) text.push_back(',');
    string(values[i]);
  }
  text.push_back(']');
  return *this;
}

JsonText& JsonText::messages(std::span<const templating::Message> messages) {
  text.push_back('[');
  for (std::size_t i = 0; i < messages.size(); ++i) {
    raw(i > 0 ? R"(,{"role":)" : R"({"role":)")
        .string(messages[i].role)
        .raw(R"(,"content":)")
        .string(messages[i].content)
        .raw("}");
  }
  text.push_back(']');
  return *this;
}

bool is_utf8(const std::vector<templating::Message>& messages) {
  for (const auto& message : messages) {
    if (text::invalid_utf8(message.role)) return false;
    for (const auto& part : message.content) {
      if (text::invalid_utf8(part.text)) return false;
    }
  }
  return true;
}

}  // namespace llmops::model

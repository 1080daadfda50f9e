#pragma once
/// \file  JSON written straight into a text: queries are sent by the thousand.
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "templating/message.h"

namespace llmops::model {

/// Appends to `text`. Values must be UTF-8.
class JsonText {
 public:
  std::string text;

  JsonText& raw(std::string_view json) {
    text.append(json);
    return *this;
  }
  JsonText& string(std::string_view value) {
    text.push_back('"');
    escaped(value);
    text.push_back('"');
    return *this;
  }
  JsonText& string(const templating::Text& value) {
    text.push_back('"');
    for (const auto& part : value) escaped(part.text);
    text.push_back('"');
    return *this;
  }
  JsonText& number(std::int64_t value);
  JsonText& number(double value);
  JsonText& strings(const std::vector<std::string>& values);
  /// `[{"role":…,"content":…},…]`
  JsonText& messages(std::span<const templating::Message> messages);

 private:
  void escaped(std::string_view value);
};

/// Whether every text of these messages is UTF-8.
bool is_utf8(const std::vector<templating::Message>& messages);

}  // namespace llmops::model

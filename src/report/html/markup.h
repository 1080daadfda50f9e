#pragma once
/// \file  HTML that is well-formed and says only what it was told to say. Private to this room.
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace llmops::report {

/// A text as a page may show it. Control characters and broken bytes become `\xNN`; what would reorder or break the
/// line (bidirectional controls, U+2028, U+2029) becomes `\u202e`. Newline and tab stay. Not escaped.
std::string visible(std::string_view text);

/// A piece of HTML. A text becomes one by being made visible and escaped; there is no other way in but `element` and
/// `trusted`, so what a model said can't become an element.
class Markup {
 public:
  Markup() = default;
  Markup(std::string_view text);
  Markup(const std::string& text) : Markup(std::string_view(text)) {}
  Markup(const char* text) : Markup(std::string_view(text)) {}
  /// HTML of our own.
  static Markup trusted(std::string html);

  const std::string& html() const { return html_; }
  bool empty() const { return html_.empty(); }
  Markup& operator+=(const Markup& more) {
    html_ += more.html_;
    return *this;
  }
  friend Markup operator+(Markup a, const Markup& b) { return a += b; }

 private:
  std::string html_;
};

/// Names and values; a value is a text, and escaped.
using Attributes = std::initializer_list<std::pair<std::string_view, std::string>>;

/// `<tag …>inner</tag>`. The tag and the attributes' names are ours.
Markup element(std::string_view tag, Attributes attributes, const Markup& inner);
Markup element(std::string_view tag, const Markup& inner = {});
/// `<tag …>`, of elements that have no content.
Markup empty_element(std::string_view tag, Attributes attributes);

}  // namespace llmops::report

#include "schema/words.h"

#include "base/text.h"

namespace llmops::schema {

std::string with_article(std::string_view noun) {
  const bool vowel = !noun.empty() && std::string_view("aeiou").find(noun[0]) != std::string_view::npos;
  return (vowel ? "an " : "a ") + std::string(noun);
}

std::string listed(const std::vector<std::string>& names) {
  constexpr std::size_t kMost = 16;
  std::vector<std::string> out;
  for (const auto& name : names) {
    if (out.size() == kMost) {
      out.push_back("…");
      break;
    }
    out.push_back("`" + name + "`");
  }
  return text::join(out, ", ");
}

}  // namespace llmops::schema

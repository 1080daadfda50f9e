#include "recipe/words.h"

#include <algorithm>

#include "recipe/document.h"

namespace llmops::recipe {
namespace {

void add_word(const std::string& word, std::set<std::string>& into) {
  if (!word.empty() && word.find("${") == std::string::npos) into.insert(command_path(word));
}

void add_text(const std::string& text, std::set<std::string>& into) {
  static constexpr std::string_view kSigns = " \t\r\n;|&<>(){}$`\"'=,:";
  add_word(text, into);
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find_first_of(kSigns, at), text.size());
    add_word(text.substr(at, end - at), into);
    at = end + 1;
  }
}

}  // namespace

std::set<std::string> program_words(const doc::Node& model) {
  std::set<std::string> out;
  if (const auto* command = model.find("command"); command && command->is_list()) {
    for (const auto& word : command->items()) add_text(word.text(), out);
  }
  if (const auto* env = model.find("env"); env && env->is_map()) {
    for (const auto& entry : env->entries()) add_text(entry.value.text(), out);
  }
  return out;
}

}  // namespace llmops::recipe

#pragma once
/// \file  Text that remembers which of it a template's author wrote and which came from data.
#include <string>
#include <vector>

namespace llmops::templating {

enum class Origin {
  author,  ///< A template, a recipe: may hold a model's special tokens.
  data,    ///< A case, a retrieved document: must stay plain text to the model.
};

struct Part {
  std::string text;
  Origin origin = Origin::author;
  friend bool operator==(const Part&, const Part&) = default;
};

using Text = std::vector<Part>;

/// The parts joined.
std::string plain(const Text& text);

/// One message of a chat.
struct Message {
  std::string role;  ///< `system`, `user`, `assistant`, or what a provider knows.
  Text content;
  friend bool operator==(const Message&, const Message&) = default;
};

}  // namespace llmops::templating

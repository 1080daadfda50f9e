#pragma once
/// \file  Names that a recipe can have. Private to this room.
#include <set>
#include <string>
#include <string_view>

namespace llmops::migrate {

/// Lower-case words of a text with dashes between them, at most 40 characters; empty where it has none.
std::string slug(std::string_view text);
/// The same, but that upper case and dots stay: for models.
std::string model_slug(std::string_view text);

/// Gives each name once.
class Names {
 public:
  /// `wanted`, or `otherwise` where that is empty; with a number behind it where it is taken.
  std::string fresh(std::string wanted, std::string_view otherwise);

 private:
  std::set<std::string> taken_;
};

}  // namespace llmops::migrate

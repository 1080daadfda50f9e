#pragma once
/// \file  A text that must not be seen.
#include <ostream>
#include <string>

namespace llmops {

/// Prints as `***` everywhere; only `reveal()` gives the text, for the one place that must send it.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}
  const std::string& reveal() const { return text_; }
  bool empty() const { return text_.empty(); }
  friend bool operator==(const Secret&, const Secret&) = default;
  friend std::ostream& operator<<(std::ostream& out, const Secret&) { return out << "***"; }

 private:
  std::string text_;
};

}  // namespace llmops

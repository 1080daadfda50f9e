#include "score/json_values.h"

#include "doc/json_prefix.h"

namespace llmops::score {
namespace {

/// How many bytes may be read in vain: a text can be made so that each of its brackets starts a long broken value.
constexpr std::size_t kReadAgain = 4, kReadAtLeast = std::size_t{4} << 20;

}  // namespace

JsonValues::JsonValues(std::string_view text) : text_(text), left_(kReadAtLeast + kReadAgain * text.size()) {}

Result<std::optional<doc::Node>> JsonValues::next() {
  while (true) {
    at_ = text_.find_first_of("{[", at_);
    if (at_ == std::string_view::npos) return std::optional<doc::Node>();
    auto read = doc::parse_json_prefix(text_.substr(at_));
    if (read.value) {
      at_ += read.bytes;
      return std::move(read.value);
    }
    if (read.bytes > left_) {
      return invalid_error("the answer could not be searched for JSON: it has too many brackets that start none");
    }
    left_ -= read.bytes;
    ++at_;
  }
}

}  // namespace llmops::score

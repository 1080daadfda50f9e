#include <algorithm>

#include "base/text.h"
#include "doc/json.h"
#include "doc/json_prefix.h"
#include "score/scorers/families.h"

namespace llmops::score {
namespace {

/// How much reading is allowed, beginnings that come to nothing included, before an answer is given up; in bytes.
std::size_t allowance(std::string_view text) { return 4 * text.size() + (std::size_t{64} << 20); }

/// What a beginning costs. Lists and maps within each other, of which there may be 200, take longer than other bytes.
std::size_t cost_of(std::size_t length) { return length + 16 * std::min<std::size_t>(length, 200); }

bool is_json(std::string_view text) { return text.size() <= kLongestJson && doc::parse_json_data(text).has_value(); }

/// A list or map that stands anywhere in the text, as written.
Result<std::optional<std::string_view>> list_or_map_in(std::string_view text) {
  std::size_t spent = 0;
  for (auto at = text.find_first_of("{["); at != std::string_view::npos; at = text.find_first_of("{[", at + 1)) {
    const auto piece = text.substr(at, kLongestJson);
    const auto read = doc::parse_json_prefix(piece);
    if (read.value) return std::optional(text.substr(at, read.length));
    if (read.length == kLongestJson && at + piece.size() < text.size()) return too_long_as_json();
    spent += cost_of(read.length);
    if (spent > allowance(text)) {
      return invalid_error("too many places of the answer look like JSON and are not: it can't be searched to its end");
    }
  }
  return std::optional<std::string_view>();
}

/// What stands between "```json" and the next "```" and is JSON of any kind.
std::optional<std::string_view> fenced_in(std::string_view text) {
  static constexpr std::string_view kOpen = "```json", kClose = "```";
  for (auto at = text.find(kOpen); at != std::string_view::npos; at = text.find(kOpen, at)) {
    at += kOpen.size();
    const auto end = text.find(kClose, at);
    const auto inside = text::trim(text.substr(at, end == std::string_view::npos ? end : end - at));
    if (is_json(inside)) return inside;
    if (end == std::string_view::npos) break;
    at = end + kClose.size();
  }
  return std::nullopt;
}

class ContainsJson final : public Measure {
 public:
  Result<Finding> measure(std::string_view output, const Sample&) const override {
    if (is_json(output)) return Finding{1, "the answer is JSON"};
    auto found = fenced_in(output);
    if (!found) {
      TRY(found, list_or_map_in(output));
    }
    if (found) return Finding{1, "the answer contains the JSON " + quoted(*found)};
    return Finding{0, "the answer contains no JSON: " + quoted(output)};
  }
};

}  // namespace

Result<Made> make_contains_json(const doc::Node&) { return Made{std::make_unique<ContainsJson>(), std::nullopt}; }

}  // namespace llmops::score

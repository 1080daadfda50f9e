#include "doc/json_prefix.h"
#include "score/scorers/families.h"
#include "score/scorers/schema_setting.h"

namespace llmops::score {
namespace {

/// How many bytes may be read in vain: a text can be made so that each of its brackets starts a long broken value.
constexpr std::size_t kReadAgain = 4, kReadAtLeast = std::size_t{4} << 20;

/// The objects and arrays of a text from left to right. None of them starts within another.
class Values {
 public:
  explicit Values(std::string_view text) : text_(text), left_(kReadAtLeast + kReadAgain * text.size()) {}

  /// Nothing where there are no more. Errors: they could not all be found within a bound on the work.
  Result<std::optional<doc::Node>> next() {
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

 private:
  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t left_;
};

class ContainsJson final : public Measure {
 public:
  explicit ContainsJson(std::optional<json_schema::Validator> schema) : schema_(std::move(schema)) {}

  Result<Finding> measure(std::string_view output, const Sample&) const override {
    Values values(output);
    std::string first;
    std::size_t seen = 0;
    while (true) {
      TRY(const auto value, values.next());
      if (!value) break;
      if (!schema_) return Finding{1, "the answer contains JSON"};
      TRY(const auto violation, schema_->validate(*value));
      if (!violation) return Finding{1, "the answer contains JSON as the schema wants it"};
      if (seen++ == 0) first = violation->text();
    }
    if (seen == 0) return Finding{0, "the answer contains no JSON object or array"};
    if (seen == 1) return Finding{0, first};
    return Finding{
        0, "none of the " + std::to_string(seen) + " JSON values is as the schema wants it; in the first, " + first};
  }

 private:
  std::optional<json_schema::Validator> schema_;
};

}  // namespace

Result<Made> make_contains_json(const doc::Node& settings) {
  TRY(auto schema, schema_of(settings));
  return Made{std::make_unique<ContainsJson>(std::move(schema)), std::nullopt};
}

}  // namespace llmops::score

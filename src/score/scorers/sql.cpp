#include "score/sql.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "score/scorers/families.h"

namespace llmops::score {
namespace {

/// How many places of an answer are tried.
constexpr std::size_t kMostTries = 200;

class IsSql final : public PureMeasure {
 public:
  Result<Finding> measure(std::string_view output, const Sample&) const override {
    TRY(const auto problem, problem_of_sql(output));
    if (problem.empty()) return Finding{1, "the answer is SQL"};
    return Finding{0, "the answer is not SQL: " + problem};
  }
};

/// What stands between the first "```" and the next one, without its label; the text goes on behind it. Nothing where
/// no block begins.
std::optional<std::string_view> take_block(std::string_view& text) {
  static constexpr std::string_view kFence = "```";
  const auto start = text.find(kFence);
  if (start == std::string_view::npos) return std::nullopt;
  text.remove_prefix(start + kFence.size());
  const auto end = text.find(kFence);
  auto inside = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + kFence.size());
  const auto line = inside.find('\n');
  if (line != std::string_view::npos) inside.remove_prefix(line + 1);
  return inside;
}

bool begins_statement(std::string_view line) {
  static constexpr std::array<std::string_view, 10> kWords = {"select", "with",  "insert", "update", "delete",
                                                              "create", "alter", "drop",   "merge",  "explain"};
  const auto word = text::lower(line.substr(0, line.find_first_of(" \t\r\n(;")));
  return std::find(kWords.begin(), kWords.end(), word) != kWords.end();
}

/// From a line that begins as a statement does to the next semicolon; the text goes on behind that line.
std::optional<std::string_view> take_statement(std::string_view& text) {
  while (!text.empty()) {
    const auto all = text;
    const auto line = all.substr(0, all.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    const auto blanks = static_cast<std::size_t>(text::trim(line).data() - line.data());
    if (text::trim(line).empty() || !begins_statement(text::trim(line))) continue;
    const auto end = all.find(';');
    if (end == std::string_view::npos) return std::nullopt;
    return all.substr(blanks, end + 1 - blanks);
  }
  return std::nullopt;
}

/// Tries pieces of an answer, and remembers where it could not be told.
class Search {
 public:
  Result<bool> finds(std::string_view piece) {
    if (++tries_ > kMostTries) {
      return invalid_error("too many places of the answer look like SQL and are not: it can't be searched to its end");
    }
    auto problem = problem_of_sql(piece);
    if (!problem && !untold_) untold_ = std::move(problem).error();
    return problem && problem->empty();
  }
  const std::optional<Error>& untold() const { return untold_; }

 private:
  std::size_t tries_ = 0;
  std::optional<Error> untold_;
};

class ContainsSql final : public PureMeasure {
 public:
  Result<Finding> measure(std::string_view output, const Sample&) const override {
    Search search;
    for (auto* take : {&take_block, &take_statement}) {
      auto rest = output;
      while (const auto piece = take(rest)) {
        TRY(const bool found, search.finds(*piece));
        if (found) return Finding{1, "the answer contains the SQL " + quoted(text::trim(*piece))};
      }
    }
    if (output.size() <= kLongestSql || begins_statement(text::trim(output))) {
      TRY(const bool found, search.finds(output));
      if (found) return Finding{1, "the answer is SQL"};
    }
    if (search.untold()) return *search.untold();
    return Finding{0, "the answer contains no SQL: " + quoted(output)};
  }
};

}  // namespace

Result<Made> make_is_sql(const doc::Node&) { return Made{std::make_unique<IsSql>(), std::nullopt}; }
Result<Made> make_contains_sql(const doc::Node&) { return Made{std::make_unique<ContainsSql>(), std::nullopt}; }

}  // namespace llmops::score

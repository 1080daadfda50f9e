#pragma once
/// \file  The answers of an eval with what was said of each: the file beside the results. Its texts are not in the
/// record; where they were made, the content store has them.
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/units.h"
#include "doc/node.h"

namespace llmops::score {

/// One answer. A query that failed has none, and no line.
struct AnswerLine {
  std::size_t cell = 0;  ///< Position in `Results::cells`.
  std::string case_id;
  std::int64_t repeat = 0;
  std::string output;
  std::optional<std::string> expected;
  Duration latency{0};
  std::optional<Duration> time_to_first_token;
  std::optional<Usd> cost;
  std::string finish_reason;
  doc::Node tool_calls;  ///< `[{"name": …, "arguments": …}]`, or null.
  std::optional<double> mean_log_probability;
  std::map<std::string, std::string> reasons;              ///< Why it got less than full marks, by metric.
  std::map<std::string, std::vector<std::string>> judged;  ///< What judges and programs answered, by metric.
  std::vector<std::string> earlier = {};  ///< What the model answered to the turns before, where there were several.
  /// Those of the case for which `CaseResult::fields` has no room, in its order. One answer of each case has them.
  std::vector<std::pair<std::string, std::string>> long_fields;
  friend bool operator==(const AnswerLine&, const AnswerLine&) = default;
};

/// What the model answered, for people: its text, and behind it each call as `name({"key":1})`, one a line.
std::string shown(const std::string& output, const doc::Node& tool_calls);

/// One line of JSON with its newline. Bytes that are not UTF-8 are replaced.
std::string to_line(const AnswerLine& answer);
/// Calls `each` for every line, in order. Errors (kind `invalid`) name the line; unknown keys are passed over.
Result<void> read_answers(std::string_view text, const std::function<void(AnswerLine)>& each);

}  // namespace llmops::score

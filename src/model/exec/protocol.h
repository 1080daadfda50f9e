#pragma once
/// \file  The lines that are exchanged with a program: one JSON object each.
#include <string>
#include <string_view>
#include <variant>

#include "base/result.h"
#include "model/query.h"

namespace llmops::model::exec {

/// The first line to a program.
std::string hello_line();

/// One query, newline included. Kind `invalid` where a text is not UTF-8.
Result<std::string> query_line(const std::string& id, const Query& query);

/// What a program may tell of itself.
struct Hello {
  std::string name, version;
  doc::Node capabilities;
};

/// What a program answered to one query. `output` and `scored` are nothing where it told an error.
struct Reply {
  std::string id;
  std::optional<std::string> output;
  std::optional<std::string> scored;  ///< The whole line, where it has a `score` or `pass`.
  Usage usage;
  std::optional<Usd> cost;
  std::string unfit;  ///< Why the answer can't be taken, for a message; empty where it can.
  doc::Node spans;
  std::vector<ToolCall> tool_calls;
  std::optional<double> mean_log_probability;
  std::string error;
  bool retryable = false;
};

/// One line of the program's output. The error says what is wrong with it, without the line; where it has a hint, that
/// says more than what every line must be.
Result<std::variant<Hello, Reply>> read_line(std::string_view line);

}  // namespace llmops::model::exec

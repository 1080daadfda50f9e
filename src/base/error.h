#pragma once
/// \file  What can go wrong, said so that a person can act on it.
#include <string>
#include <vector>

#include "base/source.h"

namespace llmops {

/// Who has to act. It decides the exit status of the command line.
enum class ErrorKind {
  usage,        ///< The command was typed wrongly: 2.
  invalid,      ///< A recipe, template or dataset is wrong: 3.
  environment,  ///< Network, credentials, a missing tool, the disk: 6.
  step,         ///< A step's own program or query failed: 1.
  refused,      ///< A rule of the environment is not met (clean, after): 4.
  bug,          ///< Our fault: 70.
  interrupted,  ///< Somebody asked us to stop: 130.
};

/// One thing that went wrong. `message` is lower case, one sentence without a full stop, names in backticks, and says
/// what was found and what was expected; `hint` is the next action.
struct Error {
  ErrorKind kind = ErrorKind::bug;
  std::string message;
  SourcePos at;
  std::string hint;
  std::vector<std::string> trail;  ///< "while …", innermost first.

  /// This error, with one more "while …" behind it.
  Error within(std::string context) && {
    trail.push_back(std::move(context));
    return std::move(*this);
  }
  friend bool operator==(const Error&, const Error&) = default;
};

/// Several errors found in one go. Never empty where it is a failure.
using Errors = std::vector<Error>;

/// Whether it stands in the way.
enum class Severity { error, warning };

/// The text a person sees: `place: error: message`, the line, a caret, `hint: …`. Ends with a newline.
std::string render(const Error& error, Severity severity = Severity::error);

Error usage_error(std::string message, std::string hint = {});
Error invalid_error(std::string message, SourcePos at = {}, std::string hint = {});
Error environment_error(std::string message, std::string hint = {});
Error step_error(std::string message, std::string hint = {});

}  // namespace llmops

#pragma once
/// \file  What a parsed template reads from its context.
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>

namespace jinja {
struct program;
}

namespace llmops::templating {

struct FreeNames {
  std::map<std::string, std::size_t> reads;  ///< Every name that is not the template's own → offset of the first use.
  std::set<std::string> optional;            ///< Those asked about with `is defined`, or given a default.
  std::map<std::string, std::size_t> filters;  ///< Every filter applied → offset of the first use.
  std::optional<std::size_t> stray_jump;       ///< The offset of a `break` or `continue` outside a loop.
};

/// What the engine has a filter for, whatever kind of value it takes.
const std::set<std::string>& known_filters();

/// Scopes are the engine's: a loop's and a macro's names end with it, a conditional `set` counts as set.
FreeNames free_names(const jinja::program& program);

}  // namespace llmops::templating

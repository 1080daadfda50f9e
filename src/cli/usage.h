#pragma once
/// \file  A command line that could not be read, told in our own words.
#include <string>
#include <vector>

#include "base/error.h"

namespace CLI {
class App;
class ParseError;
}  // namespace CLI

namespace llmops::cli {

/// Of kind `usage`: what of `words` was wrong, and the nearest name or where the help stands. `app` has just thrown
/// `thrown`, whose text is not shown: it is the library's.
Error usage_failure(const CLI::App& app, const CLI::ParseError& thrown, const std::vector<std::string>& words);

}  // namespace llmops::cli

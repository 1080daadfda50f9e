#pragma once
/// \file  What in a program's command and variables may be the name of a file.
#include <set>
#include <string>

#include "doc/node.h"

namespace llmops::recipe {

/// The words of a model's `command` and the values of its `env`, whole and in pieces as a shell or an option parts them
/// (`--weights=a.bin`). Each is a path from the root, should it be one; more than there are do no harm where only
/// known files among them count. Expressions are left out.
std::set<std::string> program_words(const doc::Node& model);

}  // namespace llmops::recipe

#pragma once
/// \file  `prompts:` as prompt files. Private to this room.
#include <string>
#include <vector>

#include "migrate/folder.h"
#include "migrate/imported.h"
#include "migrate/names.h"
#include "migrate/notes.h"

namespace llmops::migrate::promptfoo {

struct Prompt {
  std::string name;                    ///< In the recipe.
  std::vector<std::string> called;     ///< What filters may call it: its id, its label, its file.
  std::string text;                    ///< Of the prompt file.
  std::vector<std::string> variables;  ///< Top-level names that its templates need.
};

/// What `defaultTest` says of every prompt: texts around it, and the variables of all tests.
struct Frame {
  std::string prefix, suffix;
  doc::Node variables = doc::Node::map();
};

std::vector<Prompt> prompts_of(const doc::Node& written, const Folder& folder, const Frame& frame, Notes& notes);

}  // namespace llmops::migrate::promptfoo

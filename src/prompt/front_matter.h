#pragma once
/// \file  What may stand between a prompt file's `---` lines.
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "doc/node.h"
#include "schema/record.h"

namespace llmops::prompt {

struct MessageConfig {
  schema::Placed<std::string> role;
  schema::Placed<std::string> content;
  schema::Placed<std::string> turns;  ///< In place of both: a field of the case.
};
const schema::Record<MessageConfig>& record_of(MessageConfig*);

struct FrontMatter {
  std::vector<MessageConfig> messages;
  schema::Placed<bool> raw;
  std::map<std::string, doc::Node> parameters;
  std::vector<std::string> choices;
  std::vector<doc::Node> examples;
};
const schema::Record<FrontMatter>& record_of(FrontMatter*);

/// A prompt file taken apart.
struct PromptFile {
  bool has_front_matter = false;
  doc::Node front_matter;  ///< Null where there is none, or nothing in it. Places are the file's own.
  std::string body;
  SourcePos body_at;  ///< Of the body's first character.
};

/// Errors: front matter that does not end or is not YAML.
Result<PromptFile, Errors> take_apart(const std::string& name, const std::string& text);

}  // namespace llmops::prompt

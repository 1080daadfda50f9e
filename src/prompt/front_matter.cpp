#include "prompt/front_matter.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "base/text.h"
#include "doc/yaml.h"

namespace llmops::prompt {
namespace {

/// A line of three dashes, white space behind it allowed.
bool is_fence(std::string_view line) {
  return line.starts_with("---") && line.substr(3).find_first_not_of(" \t\r") == std::string_view::npos;
}

struct Fences {
  std::size_t inside, end, body;  ///< Offsets of the front matter, of the closing line and of what follows it.
  std::uint32_t body_line;
};

std::optional<Fences> find_fences(std::string_view text) {
  Fences out{};
  std::size_t start = 0;
  for (std::uint32_t line = 1; start < text.size(); ++line) {
    const auto end = std::min(text.find('\n', start), text.size());
    const auto next = std::min(end + 1, text.size());
    const bool fence = is_fence(text.substr(start, end - start));
    if (line == 1) {
      out.inside = next;
    } else if (fence) {
      out.end = start;
      out.body = next;
      out.body_line = line + 1;
      return out;
    }
    start = next;
  }
  return std::nullopt;
}

}  // namespace

const schema::Record<MessageConfig>& record_of(MessageConfig*) {
  static const auto role = [] {
    auto type = schema::Type::of(schema::Type::Kind::string);
    type.non_empty = true;
    return type;
  }();
  static const auto record =
      schema::Record<MessageConfig>("message", "One message of a prompt.")
          .may_as(role, "role", &MessageConfig::role, "`system`, `user`, `assistant`, or what the provider knows.")
          .may("content", &MessageConfig::content, "The message's template.")
          .may_as(role, "turns", &MessageConfig::turns,
                  "In place of a role and content: the case's field that holds several messages, texts of the user or "
                  "`{role, content}`.");
  return record;
}

const schema::Record<FrontMatter>& record_of(FrontMatter*) {
  static const auto examples = schema::Type::list_of(schema::Type::map_of(schema::Type::of(schema::Type::Kind::any)));
  static const auto record =
      schema::Record<FrontMatter>("prompt", "The front matter of a prompt file.")
          .may("messages", &FrontMatter::messages,
               "The messages before the body; the body, unless blank, is the last user message.")
          .may("raw", &FrontMatter::raw, "Send the text as it is, without the model's chat template.")
          .may("parameters", &FrontMatter::parameters, "Parameters for the model, as in a recipe.")
          .may("choices", &FrontMatter::choices, "The answer is one of these.")
          .may_as(examples, "examples", &FrontMatter::examples, "Maps that the template sees as `examples`.");
  return record;
}

Result<PromptFile, Errors> take_apart(const std::string& name, const std::string& text) {
  const auto source = std::make_shared<const SourceText>(SourceText{name, text});
  if (const auto broken = text::invalid_utf8(text)) {
    return invalid_error("byte 0x" + text::to_hex(text.substr(*broken, 1)) + " is not UTF-8",
                         position_at(source, *broken), "save the file as UTF-8");
  }
  PromptFile out;
  if (!is_fence(std::string_view(text).substr(0, text.find('\n')))) {
    out.body = text;
    out.body_at = {source, 1, 1};
    return out;
  }
  const auto fences = find_fences(text);
  if (!fences) {
    return invalid_error("the front matter has no closing `---`", {source, 1, 1}, "end it with a line of three dashes");
  }
  // An empty line stands for the opening one, so that lines keep their numbers.
  TRY(out.front_matter, doc::parse_yaml(name, "\n" + text.substr(fences->inside, fences->end - fences->inside)));
  out.has_front_matter = true;
  out.body = text.substr(fences->body);
  out.body_at = {source, fences->body_line, 1};
  return out;
}

}  // namespace llmops::prompt

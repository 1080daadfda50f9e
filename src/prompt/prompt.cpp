#include "prompt/prompt.h"

#include <algorithm>
#include <map>

#include "base/text.h"
#include "prompt/front_matter.h"
#include "templating/source_place.h"

namespace llmops::prompt {
namespace {

using templating::Binding;
using templating::Origin;
using templating::Template;

bool is_reserved(std::string_view name) {
  return name == "case" || name == "vars" || name == "examples" || name == "context";
}

Result<FrontMatter, Errors> read_front_matter(const PromptFile& file) {
  if (file.front_matter.is_null()) return FrontMatter{};
  return record_of(static_cast<FrontMatter*>(nullptr)).bind(file.front_matter);
}

/// What is wrong with a front matter and body that are each well-formed.
Errors check_together(const FrontMatter& front, const PromptFile& file) {
  Errors errors;
  const bool blank = text::trim(file.body).empty();
  if (front.raw.value && !front.messages.empty()) {
    errors.push_back(invalid_error("`raw: true` and `messages` exclude each other", front.raw.at,
                                   "a raw prompt is the text below the front matter"));
  }
  for (const auto& message : front.messages) {
    const bool turns = !message.turns.value.empty(), role = !message.role.value.empty();
    const bool content = message.content.at.known();
    if (turns ? !role && !content : role && content) continue;
    errors.push_back(invalid_error(
        turns ? "`turns` stands alone: the case says who says what" : "a message needs a `role` and a `content`",
        turns  ? message.turns.at
        : role ? message.role.at
               : message.content.at,
        "write `{role: user, content: …}`, or `{turns: FIELD}` for messages of the case"));
  }
  if (blank && front.messages.empty()) {
    auto at = file.body_at;
    if (file.body.empty()) at.line = at.column = 0;
    errors.push_back(invalid_error("the prompt is empty", at, "write the user message, or `messages:`"));
  }
  return errors;
}

}  // namespace

Result<Prompt, Errors> Prompt::parse(std::string name, std::string text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);  // an editor's byte order mark
  TRY(const auto file, take_apart(name, text));
  TRY(auto front, read_front_matter(file));
  auto errors = check_together(front, file);
  Prompt out;
  const auto add = [&](const std::string& role, const std::string& content, const templating::SourcePlace& place) {
    auto parsed = Template::parse(content, {templating::Undefined::error, place.first, place.indent});
    if (parsed) {
      out.messages_.emplace_back(MessageTemplate{role, *std::move(parsed)});
    } else {
      errors.push_back(std::move(parsed).error());
    }
  };
  for (const auto& message : front.messages) {
    if (!message.turns.value.empty()) {
      out.messages_.emplace_back(Turns{message.turns.value, message.turns.at});
      continue;
    }
    add(message.role.value, message.content.value,
        templating::place_of_scalar(message.content.at, message.content.value));
  }
  if (!text::trim(file.body).empty()) add("user", file.body, {file.body_at, 0});
  if (!errors.empty()) return errors;
  if (!front.parameters.empty()) out.parameters_ = *file.front_matter.find("parameters");
  out.examples_ = doc::Node(doc::List(std::move(front.examples)));
  out.choices_ = std::move(front.choices);
  out.raw_ = front.raw.value;
  return out;
}

Result<Rendered> Prompt::render(const doc::Node& case_fields, const doc::Node& vars, const doc::Node& retrieved) const {
  std::vector<Binding> bindings;
  if (case_fields.is_map()) {
    for (const auto& entry : case_fields.entries()) {
      if (!is_reserved(entry.key) || entry.key == "context")
        bindings.push_back({entry.key, &entry.value, Origin::data});
    }
  }
  const auto no_vars = doc::Node::map();
  bindings.push_back({"case", &case_fields, Origin::data});
  bindings.push_back({"vars", vars.is_null() ? &no_vars : &vars, Origin::author});
  bindings.push_back({"examples", &examples_, Origin::author});
  if (!retrieved.is_null()) bindings.push_back({"context", &retrieved, Origin::data});
  Rendered out;
  out.raw = raw_;
  for (const auto& message : messages_) {
    if (const auto* turns = std::get_if<Turns>(&message)) {
      TRY_VOID(add_turns(*turns, case_fields, out));
      continue;
    }
    const auto& written = std::get<MessageTemplate>(message);
    TRY(auto content, written.content.render(bindings));
    out.messages.push_back({written.role, std::move(content)});
  }
  if (!has_turns()) return out;
  for (std::size_t i = 1; i < out.messages.size(); ++i) {
    if (out.messages[i].role == "user" && out.messages[i - 1].role == "user") out.answered_before.push_back(i);
  }
  return out;
}

bool Prompt::has_turns() const {
  return std::any_of(messages_.begin(), messages_.end(),
                     [](const auto& message) { return std::holds_alternative<Turns>(message); });
}

Result<void> Prompt::add_turns(const Turns& turns, const doc::Node& case_fields, Rendered& out) const {
  const auto refused = [&](const std::string& what) {
    return invalid_error("`" + turns.field + "` is no list of messages: " + what, turns.at,
                         "write texts of the user, or `{role, content}`, one after the other");
  };
  const auto* field = case_fields.find(turns.field);
  if (!field) return refused("the case has no such field");
  if (!field->is_list()) return refused("it is " + std::string(doc::describe(field->kind())));
  if (field->items().empty()) return refused("it is empty");
  for (const auto& turn : field->items()) {
    if (turn.is_string()) {
      out.messages.push_back({"user", {{turn.as_string(), Origin::data}}});
      continue;
    }
    const auto role = turn.get("role", ""), content = turn.get("content", "");
    const auto* text = turn.find("content");
    if (role.empty() || !text || !text->is_string())
      return refused("one of them has no `role` or no text as `content`");
    out.messages.push_back({role, {{content, Origin::data}}});
  }
  return {};
}

std::vector<std::pair<std::string, SourcePos>> Prompt::case_fields() const {
  std::map<std::string, SourcePos> found;
  for (const auto& message : messages_) {
    if (const auto* turns = std::get_if<Turns>(&message)) {
      found.emplace(turns->field, turns->at);
      continue;
    }
    for (auto& [name, at] : std::get<MessageTemplate>(message).content.names()) {
      if (!is_reserved(name)) found.emplace(name, at);
    }
  }
  return {found.begin(), found.end()};
}

}  // namespace llmops::prompt

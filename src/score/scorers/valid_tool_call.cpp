#include "doc/json.h"
#include "score/json_schema/validator.h"
#include "score/scorers/families.h"

namespace llmops::score {
namespace {

/// A tool as OpenAI's API has it, or what stands in its `function`.
const doc::Node& function_of(const doc::Node& tool) {
  const auto* inner = tool.find("function");
  return inner != nullptr && inner->is_map() ? *inner : tool;
}

const doc::Node* tool_named(const doc::Node& tools, const std::string& name) {
  for (const auto& tool : tools.items()) {
    if (function_of(tool).get("name", "") == name) return &function_of(tool);
  }
  return nullptr;
}

/// What is wrong with a call; empty where nothing is.
Result<std::string> problem_of(const doc::Node& call, const doc::Node& tools) {
  const auto name = call.get("name", "");
  const auto* tool = tool_named(tools, name);
  if (tool == nullptr) return "there is no tool " + quoted(std::string_view(name));
  const auto* arguments = call.find("arguments");
  if (arguments == nullptr || !arguments->is_map()) {
    return "the arguments of " + quoted(std::string_view(name)) +
           " are no map: " + quoted(arguments == nullptr ? std::string() : arguments->text());
  }
  const auto* schema = tool->find("parameters");
  if (schema == nullptr || !schema->is_map()) return std::string();
  auto validator = json_schema::Validator::compile(*schema);
  if (!validator) {
    auto error = validator.error().front();
    return std::move(error).within("reading the parameters of `" + name + "`");
  }
  TRY(const auto violation, validator->validate(*arguments));
  return violation ? name + ": " + violation->text() : std::string();
}

class ValidToolCall final : public PureMeasure {
 public:
  Result<Finding> measure(std::string_view, const Sample& sample) const override {
    if (sample.tools == nullptr || !sample.tools->is_list() || sample.tools->size() == 0) {
      return invalid_error("no tools were offered, so no call can be right", {},
                           "offer them: `parameters: {tools: […]}`");
    }
    if (!sample.tool_calls.is_list()) return Finding{0, "nothing was called"};
    for (const auto& call : sample.tool_calls.items()) {
      TRY(auto problem, problem_of(call, *sample.tools));
      if (!problem.empty()) return Finding{0, std::move(problem)};
    }
    return Finding{1, "every call is as its tool wants it"};
  }
};

}  // namespace

Result<Made> make_valid_tool_call(const doc::Node&) { return Made{std::make_unique<ValidToolCall>(), std::nullopt}; }

}  // namespace llmops::score

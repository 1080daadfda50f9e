#include "model/tool.h"

#include <algorithm>
#include <map>

#include "base/text.h"
#include "schema/record.h"

namespace llmops::model {
namespace {

struct FunctionConfig {
  std::string name, description;
  std::map<std::string, doc::Node> parameters;
  bool strict = false;
};

struct ToolConfig {
  std::string type = "function";
  doc::Node function;
  std::string name, description;
  std::map<std::string, doc::Node> parameters;
  bool strict = false;
};

template <class T>
schema::Record<T> with_function(schema::Record<T> record) {
  record.may("name", &T::name, "What the model calls it.")
      .may("description", &T::description, "What it does, for the model.")
      .may("parameters", &T::parameters, "A JSON Schema of its arguments.")
      .may("strict", &T::strict, "Whether the provider is to hold the model to that schema.");
  return record;
}

schema::Type function_type() {
  return with_function(schema::Record<FunctionConfig>("function", "A function that a model may want called.")).type();
}

bool is_word(const std::string& choice) { return choice == "auto" || choice == "none" || choice == "required"; }

Tool tool_in(const doc::Node& written) {
  const auto* inner = written.find("function");
  const auto& function = inner != nullptr && inner->is_map() ? *inner : written;
  Tool out;
  out.name = function.get("name", "");
  out.description = function.get("description", "");
  if (const auto* parameters = function.find("parameters")) out.parameters = *parameters;
  if (!out.parameters.is_map()) {
    out.parameters = doc::Node::map({{"type", "object"}, {"properties", doc::Node::map()}});
  }
  out.strict = function.get("strict", false);
  return out;
}

}  // namespace

schema::Type tools_type() {
  auto record =
      schema::Record<ToolConfig>("tool", "A function as OpenAI's API has it, or what stands in its `function`.");
  record.may_as(schema::Type::choice_of({"function"}), "type", &ToolConfig::type, "Functions are all there are.")
      .may_as(function_type(), "function", &ToolConfig::function, "The function, in OpenAI's form.");
  return schema::Type::list_of(with_function(std::move(record)).type());
}

Result<std::vector<Tool>> tools_of(const Parameters& parameters) {
  std::vector<Tool> out;
  std::vector<std::string> names;
  if (!parameters.tools.is_list()) return out;
  for (const auto& written : parameters.tools.items()) {
    auto tool = tool_in(written);
    if (tool.name.empty()) return invalid_error("a tool has no `name`", written.at(), "write how the model calls it");
    if (std::find(names.begin(), names.end(), tool.name) != names.end()) {
      return invalid_error("the tool `" + tool.name + "` is there twice", written.at(), "remove one of the two");
    }
    names.push_back(tool.name);
    out.push_back(std::move(tool));
  }
  const auto& choice = parameters.tool_choice;
  if (choice == "none") return std::vector<Tool>{};
  if (!choice.empty() && !is_word(choice) && std::find(names.begin(), names.end(), choice) == names.end()) {
    const auto near = text::did_you_mean(choice, names);
    return invalid_error("`tool_choice` names the tool `" + text::printable(choice) + "`, but there is none", {},
                         near.empty() ? "write `auto`, `none`, `required`, or one of `tools`" : near);
  }
  return out;
}

Errors check_tools(const Parameters& parameters) {
  const auto late = [](const std::string& text) { return text.find("${") != std::string::npos; };
  if (!parameters.tools.is_list() || late(parameters.tool_choice)) return {};
  for (const auto& tool : parameters.tools.items()) {
    if (late(tool_in(tool).name)) return {};
  }
  const auto tools = tools_of(parameters);
  return tools ? Errors{} : Errors{tools.error()};
}

doc::Node to_node(const std::vector<ToolCall>& calls) {
  doc::Node out;
  for (const auto& call : calls) out.push_back(doc::Node::map({{"name", call.name}, {"arguments", call.arguments}}));
  return out;
}

std::vector<ToolCall> tool_calls_in(const doc::Node& list) {
  std::vector<ToolCall> out;
  if (!list.is_list()) return out;
  for (const auto& item : list.items()) {
    const auto name = item.get("name", "");
    const auto* arguments = item.find("arguments");
    if (!name.empty()) out.push_back({name, arguments == nullptr ? doc::Node::map() : *arguments});
  }
  return out;
}

}  // namespace llmops::model

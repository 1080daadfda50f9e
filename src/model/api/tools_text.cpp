#include "model/api/tools_text.h"

#include "doc/json.h"

namespace llmops::model::api {

std::string tools_json(const std::vector<Tool>& tools, ToolStyle style) {
  auto list = doc::Node::list();
  for (const auto& tool : tools) {
    auto function = doc::Node::map();
    if (style == ToolStyle::flat) function["type"] = "function";
    function["name"] = tool.name;
    if (!tool.description.empty()) function["description"] = tool.description;
    function[style == ToolStyle::bare ? "input_schema" : "parameters"] = tool.parameters;
    if (tool.strict || style == ToolStyle::flat) function["strict"] = tool.strict;
    list.push_back(style == ToolStyle::nested
                       ? doc::Node::map({{"type", "function"}, {"function", std::move(function)}})
                       : std::move(function));
  }
  return doc::to_json(list);
}

std::string tool_choice_json(const std::string& choice, ToolStyle style) {
  if (choice == "auto" || choice == "none" || choice == "required") return doc::to_json(choice);
  auto out = doc::Node::map({{"type", "function"}});
  if (style == ToolStyle::flat) {
    out["name"] = choice;
  } else {
    out["function"] = doc::Node::map({{"name", choice}});
  }
  return doc::to_json(out);
}

}  // namespace llmops::model::api

#pragma once
/// \file  Tools as most APIs are told of them.
#include <string>
#include <vector>

#include "model/tool.h"

namespace llmops::model::api {

enum class ToolStyle {
  nested,  ///< `{"type": "function", "function": {"name": …, "parameters": …}}`
  flat,    ///< `{"type": "function", "name": …, "parameters": …, "strict": …}`
  bare,    ///< `{"name": …, "input_schema": …}`
};

/// A JSON list.
std::string tools_json(const std::vector<Tool>& tools, ToolStyle style);

/// `auto`, `none` and `required` as they are; a tool's name as OpenAI's APIs want it in that style.
std::string tool_choice_json(const std::string& choice, ToolStyle style);

}  // namespace llmops::model::api

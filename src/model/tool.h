#pragma once
/// \file  Functions that a model may want called.
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/query.h"
#include "schema/type.h"

namespace llmops::model {

struct Tool {
  std::string name, description;
  doc::Node parameters;  ///< A JSON Schema of its arguments; an empty object's where none was given.
  bool strict = false;   ///< Whether the provider is to hold the model to it.
};

/// What a recipe may write under `tools`: a list of functions as OpenAI's API has them, `{type: function, function:
/// {name, description, parameters}}`, or the inner map alone.
schema::Type tools_type();

/// The tools that a query offers: none where `tool_choice` is `none`. Kind `invalid`: a tool without a name or with one
/// that is there twice, or a `tool_choice` that names no tool.
Result<std::vector<Tool>> tools_of(const Parameters& parameters);

/// What is wrong with them as they are written: the same, but that a value which still holds `${…}` is not looked into.
Errors check_tools(const Parameters& parameters);

}  // namespace llmops::model

#pragma once
/// \file  The form that an answer must have, as APIs are asked for it.
#include <optional>
#include <string>

#include "model/query.h"

namespace llmops::model::api {

struct Form {
  std::string name;    ///< `choice` or `answer`.
  std::string schema;  ///< A JSON Schema, as JSON; empty: any JSON object.
  /// Whether every object of the schema is closed and needs all its keys: only then OpenAI's `strict` holds the model
  /// to it, and refuses other schemas.
  bool strict = false;
};

/// For `choices`: an object whose `choice` is one of them; they win over `parameters.format`.
std::optional<Form> form_of(const Query& query);

/// Its name, whether it is strict, and its schema, as members of a JSON object: how OpenAI's APIs want it.
std::string members_of(const Form& form);

}  // namespace llmops::model::api

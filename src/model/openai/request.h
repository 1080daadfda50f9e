#pragma once
/// \file  A query in the words of OpenAI's API.
#include <string>

#include "base/result.h"
#include "model/query.h"

namespace llmops::model::openai {

/// Which of the API's two ways to ask.
enum class Endpoint {
  chat,         ///< `/chat/completions`: messages.
  completions,  ///< `/completions`: a raw prompt.
};

inline Endpoint endpoint_of(const Query& query) { return query.raw ? Endpoint::completions : Endpoint::chat; }

/// The request's body. `seed` is the query's plus its repeat. `parameters.extra` wins over the parameters beside it.
/// With `choices` the answer's form is asked for as a JSON schema: `{"choice": …}`, one of them. Kind `invalid`: a text
/// that is not UTF-8, choices for a raw prompt.
Result<std::string> request_body(const std::string& model, const Query& query);

}  // namespace llmops::model::openai

#pragma once
/// \file  What the bodies of several APIs have in common.
#include <optional>
#include <string>
#include <string_view>

#include "doc/node.h"

namespace llmops::model::api {

/// A whole number from 0 to 10¹² under this key.
std::optional<std::int64_t> count(const doc::Node* node, std::string_view key);
/// The sum of those that are there; nothing where none is.
std::optional<std::int64_t> sum(std::optional<std::int64_t> a, std::optional<std::int64_t> b);
/// A text, or a list of parts of which some are text; nothing for anything else.
std::optional<std::string> content_text(const doc::Node* content);
/// The message in an error's body: OpenAI's and Anthropic's, Ollama's, FastAPI's form; else `otherwise`.
std::string words_of(const doc::Node& body, const std::string& otherwise);
/// The server's own name of an error: `error.code`, else `error.type`; may be empty.
std::string code_of(const doc::Node& body);
/// The mean of the numbers under `logprob` in a list of maps, or of the numbers in a list; nothing where there are
/// none.
std::optional<double> mean_log_probability(const doc::Node* list);
/// Arguments as a model wrote them: what that JSON says, else the text itself.
doc::Node arguments_in(const std::string& json);
/// Whether there is an `error` that is not null.
bool tells_error(const doc::Node& body);

}  // namespace llmops::model::api

#pragma once
/// \file  Anthropic's Messages API.
#include <memory>

#include "model/api/dialect.h"

namespace llmops::model::anthropic {

/// `max_tokens` where a query sets none: the API demands a number, and this is what each of its models can do.
inline constexpr std::int64_t kMaxTokens = 4096;
/// The header `anthropic-version`.
inline constexpr const char* kVersion = "2023-06-01";

/// `/v1/messages`. Leading system messages are its `system`; one that stands later is an error, as are a raw prompt.
/// It knows no seed.
std::unique_ptr<const api::Dialect> messages();

}  // namespace llmops::model::anthropic

#pragma once
/// \file  A model behind an API over HTTP, whatever its dialect.
#include <memory>

#include "model/api/dialect.h"
#include "model/model.h"

namespace llmops::model::api {

/// Sends what the dialect writes with the configuration's key and headers, once, and reads what comes back. An answer
/// of more than 32 MiB is an error, as is one that takes longer than `timeout` (2 minutes unless given).
std::unique_ptr<Model> make_api_model(const ModelConfig& config, std::unique_ptr<const Dialect> dialect,
                                      sys::System& system);

}  // namespace llmops::model::api

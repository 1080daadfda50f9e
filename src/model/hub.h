#pragma once
/// \file  Files of the Hugging Face hub. `HF_ENDPOINT` names another hub, `HF_TOKEN` who asks.
#include <optional>

#include "model/model_source.h"
#include "sys/system.h"

namespace llmops::model {

/// Where a file is fetched from.
std::string hub_url(const sys::Env& env, const HubFile& hub);
/// The token, where there is one.
std::vector<sys::Header> hub_headers(const sys::Env& env);

/// What the hub says of a file before it sends it.
struct HubAnswer {
  std::optional<Digest> sha256;  ///< Of files in large-file storage only.
  std::optional<Bytes> size;
};
/// Errors of kind `environment`: no such file, no access, no connection.
Result<HubAnswer> ask_hub(sys::System& system, const std::string& url, StopToken stop);

}  // namespace llmops::model

#pragma once
/// \file  Files of the Hugging Face hub. `HF_ENDPOINT` names another hub, `HF_TOKEN` who asks.
#include <optional>

#include "model/model_source.h"
#include "sys/system.h"

namespace llmops::model {

/// Where a file is fetched from; what can't stand in an address is percent-encoded.
std::string hub_url(const sys::Env& env, const HubFile& hub);
/// The token, where there is one.
std::vector<sys::Header> hub_headers(const sys::Env& env);

/// What the hub says of a file before it sends it.
struct HubAnswer {
  std::optional<Digest> sha256;  ///< Of files in large-file storage only.
  std::optional<Bytes> size;
};
/// Where the repository has another name by now, the hub is asked for that one. Errors of kind `environment`: no such
/// repository, revision or file, no access, no connection.
Result<HubAnswer> ask_hub(sys::System& system, const std::string& url, StopToken stop);

}  // namespace llmops::model

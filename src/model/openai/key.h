#pragma once
/// \file  How OpenAI's API, and those that follow it, are told who asks.
#include <string>
#include <vector>

#include "sys/http.h"

namespace llmops::model::openai {

inline std::vector<sys::Header> bearer(const std::string& api_key) {
  if (api_key.empty()) return {};
  return {{"authorization", Secret("Bearer " + api_key)}};
}

}  // namespace llmops::model::openai

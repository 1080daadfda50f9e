#pragma once
/// \file  The kinds of models there are.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace llmops::model {

struct ModelConfig;

struct Provider {
  std::string_view name, help;
  bool is_api = false;           ///< Asked over HTTP.
  bool is_billed = false;        ///< Somebody sends a bill for it, unless the recipe says otherwise.
  std::string_view base_url;     ///< Of an API, where the recipe gives none.
  std::int64_t concurrency = 8;  ///< Queries at once, where the recipe says nothing.
  std::string_view example;      ///< A model's name, for hints.
};

/// In the order of the reference.
const std::vector<Provider>& providers();
/// Null when there is none of this name.
const Provider* find_provider(std::string_view name);
/// That of a configuration that was checked; an unknown one is a bug and throws std::logic_error.
const Provider& provider_of(const ModelConfig& config);
/// The configuration's own, or its provider's; empty where there is neither.
std::string base_url_of(const ModelConfig& config);
/// Names in backticks: `` `a`, `b` or `c` ``.
std::string listed(const std::vector<std::string_view>& names, std::string_view last_word);

}  // namespace llmops::model

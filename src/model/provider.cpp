#include "model/provider.h"

#include <algorithm>
#include <stdexcept>

#include "model/config.h"

namespace llmops::model {

const std::vector<Provider>& providers() {
  static const std::vector<Provider> all = {
      {.name = "llama", .help = "runs in this process", .concurrency = 8, .example = "smollm2-135m-instruct"},
      {.name = "openai",
       .help = "is every server that speaks OpenAI's API",
       .is_api = true,
       .is_billed = true,
       .base_url = "https://api.openai.com/v1",
       .concurrency = 16,
       .example = "gpt-4.1-mini-2025-04-14"},
      {.name = "anthropic",
       .help = "is Anthropic's Messages API",
       .is_api = true,
       .is_billed = true,
       .base_url = "https://api.anthropic.com",
       .concurrency = 16,
       .example = "claude-haiku-4-5-20251001"},
      {.name = "ollama",
       .help = "is Ollama's own API",
       .is_api = true,
       .base_url = "http://127.0.0.1:11434",
       .concurrency = 4,
       .example = "llama3.2:1b"},
      {.name = "exec", .help = "is a program of yours", .concurrency = 8},
      {.name = "echo", .help = "answers with the prompt, for trying out", .concurrency = 8},
  };
  return all;
}

const Provider* find_provider(std::string_view name) {
  const auto found =
      std::find_if(providers().begin(), providers().end(), [&](const Provider& known) { return known.name == name; });
  return found == providers().end() ? nullptr : &*found;
}

const Provider& provider_of(const ModelConfig& config) {
  if (const auto* found = find_provider(config.provider)) return *found;
  throw std::logic_error("no provider `" + config.provider + "`");
}

std::string base_url_of(const ModelConfig& config) {
  if (!config.base_url.empty()) return config.base_url;
  const auto* provider = find_provider(config.provider);
  return provider == nullptr ? std::string() : std::string(provider->base_url);
}

std::string listed(const std::vector<std::string_view>& names, std::string_view last_word) {
  std::string out;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) out += i + 1 == names.size() ? " " + std::string(last_word) + " " : std::string(", ");
    out += "`" + std::string(names[i]) + "`";
  }
  return out;
}

}  // namespace llmops::model

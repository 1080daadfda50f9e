#include "model/config.h"

#include "model/catalog.h"
#include "model/provider.h"

namespace llmops::model {
namespace {

using Kind = schema::Type::Kind;

schema::Type at_least(Kind kind, double least, std::optional<double> most = std::nullopt) {
  auto out = schema::Type::of(kind);
  out.least = least;
  out.most = most;
  return out;
}

std::vector<std::string> provider_names() {
  std::vector<std::string> out;
  for (const auto& provider : providers()) out.emplace_back(provider.name);
  return out;
}

std::string provider_help() {
  std::string out;
  for (const auto& provider : providers()) {
    out += (out.empty() ? "`" : ", `") + std::string(provider.name) + "` " + std::string(provider.help);
  }
  return out + ".";
}

std::string base_url_help() {
  std::string out = "APIs: where it is, unless given";
  bool first = true;
  for (const auto& provider : providers()) {
    if (!provider.is_api) continue;
    out += (std::exchange(first, false) ? " `" : ", `") + std::string(provider.base_url) + "` for `" +
           std::string(provider.name) + "`";
  }
  return out + ".";
}

schema::Record<ModelConfig> model_record() {
  auto out = schema::Record<ModelConfig>("model", "Something that answers a query.");
  out.need_as(schema::Type::choice_of(provider_names()), "provider", &ModelConfig::provider, provider_help())
      .may("model", &ModelConfig::model,
           "`llama`: a name in the local store (`llmops models pull`); APIs: the server's name for it.")
      .may("file", &ModelConfig::file,
           "`llama`: a GGUF file in place of `model`: a tracked path, a pinned one, or a step's output.")
      .may("adapter", &ModelConfig::adapter, "`llama`: a LoRA adapter, a GGUF file likewise.")
      .may_as(schema::Type::of(Kind::digest), "sha256", &ModelConfig::sha256,
              "`llama`: pins `file` where git does not track it.")
      .may("base_url", &ModelConfig::base_url, base_url_help())
      .may_as(schema::Type::choice_of({"chat", "responses", "embeddings"}), "api", &ModelConfig::api,
              "`openai`: Chat Completions, which many servers speak, OpenAI's Responses, or `embeddings`: vectors of "
              "texts, and no answers. `llama` takes `embeddings` too, for a file that is made for it.")
      .may_as(at_least(Kind::integer, 1, 65536), "dimensions", &ModelConfig::dimensions,
              "`openai`, with `api: embeddings`: how many numbers a vector has, where the model lets one choose.")
      .may("api_key", &ModelConfig::api_key,
           "APIs: sent as they want it, written as `${secret.NAME}`; never printed, logged, cached or recorded.")
      .may("headers", &ModelConfig::headers, "APIs: further headers of each request; never printed either.")
      .may("stream", &ModelConfig::stream,
           "Answers come piece by piece, and the time to the first token is measured: the metric `ttft_ms`. Not for "
           "`exec`.")
      .may("command", &ModelConfig::command,
           "`exec`: the program and its arguments, run in the repository's root; JSON lines on stdin and stdout.")
      .may("inputs", &ModelConfig::inputs,
           "`exec`: globs of the files that the program is made of: when one changes, its answers are asked for again.")
      .may("env", &ModelConfig::env, "`exec`: variables for the program, beside PATH, HOME and the like.")
      .may("parameters", &ModelConfig::parameters, "How answers are drawn; a prompt's own parameters win.")
      .may("price", &ModelConfig::price,
           "What asking costs, in place of what the built-in table has for vendors' own APIs; where neither tells, the "
           "cost is "
           "unknown.")
      .may_as(at_least(Kind::integer, 1, 4096), "concurrency", &ModelConfig::concurrency,
              "Queries at once, at most; less while a server says that it is too much. 16 for `openai` and "
              "`anthropic`, 4 for `ollama`, 8 for `exec` and `echo` unless given.",
              "queries")
      .may_as(at_least(Kind::integer, 1), "requests_per_minute", &ModelConfig::requests_per_minute,
              "Requests in any minute, those sent again too, over all models with this server, name and key. Not for "
              "`llama`.",
              "requests")
      .may_as(at_least(Kind::integer, 1), "tokens_per_minute", &ModelConfig::tokens_per_minute,
              "Tokens in any minute, of prompts and answers together, likewise.", "tokens")
      .may_as(schema::Type::positive_duration(), "timeout", &ModelConfig::timeout,
              "The longest that one query may take; 2m for APIs and `exec` unless given.")
      .may("retry", &ModelConfig::retry,
           "Asking again after failures that may pass, such as 429, 5xx or a lost connection.");
  return out;
}

}  // namespace

const schema::Record<Price>& record_of(Price*) {
  static const auto record =
      schema::Record<Price>("price", "What asking costs.")
          .may_as(at_least(Kind::number, 0), "input", &Price::input, "Of the prompt.", "USD per million tokens")
          .may_as(at_least(Kind::number, 0), "output", &Price::output, "Of the answer.", "USD per million tokens")
          .may_as(at_least(Kind::number, 0), "cache_read", &Price::cache_read,
                  "Of what the server's cache had of the prompt; `input` unless given.", "USD per million tokens")
          .may_as(at_least(Kind::number, 0), "cache_write", &Price::cache_write,
                  "Of what went into the server's cache; `input` unless given.", "USD per million tokens")
          .may_as(at_least(Kind::number, 0), "usd_per_hour", &Price::usd_per_hour, "Of a machine of one's own.",
                  "USD per hour");
  return record;
}

const schema::Record<RetryConfig>& record_of(RetryConfig*) {
  static const auto record =
      schema::Record<RetryConfig>("model_retry", "Asking again after failures that may pass.")
          .may_as(at_least(Kind::integer, 0, 20), "times", &RetryConfig::times, "How often; 0 never asks again.")
          .may("backoff", &RetryConfig::backoff,
               "The longest wait before the first retry, doubled each time and drawn at random; a server's Retry-After "
               "wins.")
          .short_for("times");
  return record;
}

const schema::Record<ModelConfig>& record_of(ModelConfig*) {
  static const auto record = model_record();
  return record;
}

Draw draw_of(const ModelConfig& config, const Query& query) {
  if (config.provider == "echo") return Draw::greedy;
  if (config.provider != "llama") return Draw::sampled;
  const bool likeliest = query.parameters.temperature.value_or(0) == 0;
  return likeliest || !query.choices.empty() ? Draw::greedy : Draw::sampled;
}

bool embeds(const ModelConfig& config) {
  if (config.api == "embeddings") return true;
  const auto* known = config.provider == "llama" ? find_in_catalog(config.model) : nullptr;
  return known != nullptr && known->embeds;
}

bool needs_network(const ModelConfig& config) { return config.provider != "llama" && config.provider != "echo"; }

}  // namespace llmops::model

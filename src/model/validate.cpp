/// \file  What each provider needs, and what it has no use for.
#include <algorithm>

#include "base/text.h"
#include "model/config.h"
#include "model/provider.h"
#include "model/tool.h"

namespace llmops::model {
namespace {

using Names = std::vector<std::string_view>;

Names apis() {
  Names out;
  for (const auto& provider : providers()) {
    if (provider.is_api) out.push_back(provider.name);
  }
  return out;
}

/// The providers that a key means something to; empty where it does to all.
Names owners_of(std::string_view key) {
  const auto is = [&](std::initializer_list<std::string_view> keys) {
    return std::find(keys.begin(), keys.end(), key) != keys.end();
  };
  if (is({"file", "adapter", "sha256"})) return {"llama"};
  if (is({"base_url", "api_key", "headers"})) return apis();
  if (key == "api") return {"llama", "openai"};
  if (key == "dimensions") return {"openai"};
  if (is({"command", "inputs", "env"})) return {"exec"};
  if (is({"requests_per_minute", "tokens_per_minute"})) {
    auto out = apis();
    out.push_back("exec");
    return out;
  }
  if (key != "model" && key != "stream") return {};
  auto out = apis();
  out.insert(out.begin(), "llama");
  return out;
}

bool late(std::string_view text) { return text.find("${") != std::string_view::npos; }

/// Gathers errors about one model.
class Checker {
 public:
  Checker(const ModelConfig& config, const doc::Node& written) : config_(config), written_(written) {}

  Errors run() {
    check_foreign_keys();
    if (config_.provider == "llama") check_llama();
    if (const auto* provider = find_provider(config_.provider); provider != nullptr && provider->is_api) {
      check_api(*provider);
    }
    if (config_.provider == "exec") check_exec();
    check_price();
    for (auto& error : check_tools(config_.parameters)) {
      if (!error.at.known()) error.at = at("parameters");
      errors_.push_back(std::move(error));
    }
    return std::move(errors_);
  }

 private:
  SourcePos at(std::string_view key) const {
    const auto* node = written_.find(key);
    return node != nullptr && node->at().known() ? node->at() : written_.at();
  }
  void say(std::string_view key, std::string message, std::string hint = {}) {
    errors_.push_back(invalid_error(std::move(message), at(key), std::move(hint)));
  }
  bool given(std::string_view key) const { return written_.find(key) != nullptr; }

  void check_foreign_keys() {
    if (!written_.is_map()) return;
    for (const auto& entry : written_.entries()) {
      const auto owners = owners_of(entry.key);
      if (owners.empty() || std::find(owners.begin(), owners.end(), config_.provider) != owners.end()) continue;
      errors_.push_back(invalid_error("`" + entry.key + "` means nothing to provider `" + config_.provider + "`",
                                      entry.key_at,
                                      "it belongs to " + listed(owners, "and") + "; remove it, or change `provider`"));
    }
  }

  /// A price that can't tell what an answer costs.
  void check_price() {
    const auto* price = written_.find("price");
    if (price == nullptr || !price->is_map()) return;
    const auto has = [&](std::string_view key) { return price->find(key) != nullptr; };
    const bool input = has("input"), output = has("output");
    const std::string per_token =
        "give both `input` and `output`, in USD per million tokens; `0` where it costs nothing";
    const bool vectors_alone = embeds(config_) && input;  // They are all that is answered.
    if (input != output && !vectors_alone) {
      say("price",
          std::string("`price` has `") + (input ? "input" : "output") + "` and no `" + (input ? "output" : "input") +
              "`, so that the cost could not be known",
          per_token);
    } else if (!input && (has("cache_read") || has("cache_write"))) {
      say("price", "`price` has prices of the server's cache and none of `input` and `output`", per_token);
    } else if (input && has("usd_per_hour")) {
      say("price", "`price` is given per token and per hour, expected one of them",
          "leave out `usd_per_hour`, or `input` and `output`");
    }
  }

  void check_llama() {
    const bool named = !config_.model.empty(), filed = !config_.file.value.empty();
    if (named == filed) {
      say(named ? "file" : "provider",
          named ? "both `model` and `file` are given, expected one of them"
                : "provider `llama` needs `model` or `file`, found neither",
          "`model: NAME` takes a model from the local store, `file: PATH` a GGUF file");
    }
    if (config_.api == "responses") {
      say("api", "`api: responses` means nothing to provider `llama`",
          "leave it out, or write `api: embeddings` for a model that embeds");
    }
    if (embeds(config_) && config_.stream) say_embeddings_come_whole();
    if (embeds(config_) && !config_.adapter.value.empty()) {
      say("adapter", "`adapter` means nothing to a model that embeds", "leave it out");
    }
    if (config_.sha256.empty()) return;
    if (!filed && !named) return;
    if (!filed)
      say("sha256", "`sha256` pins a `file`, but there is none", "remove it; models of the store are pinned already");
    if (!late(config_.sha256) && !Digest::parse(config_.sha256)) {
      say("sha256", "`sha256` must be 64 hexadecimal digits, found `" + text::shorten(config_.sha256, 80) + "`",
          "`sha256sum FILE` prints them");
    }
  }

  void check_api(const Provider& provider) {
    if (config_.model.empty()) {
      say("provider", "provider `" + config_.provider + "` needs `model`, the server's name for it",
          "for example `model: " + std::string(provider.example) + "`");
    }
    check_base_url();
    check_version_in_url();
    if (embeds(config_) && config_.stream) say_embeddings_come_whole();
    if (config_.dimensions && !embeds(config_)) {
      say("dimensions", "`dimensions` are those of vectors, which this model does not give",
          "write `api: embeddings` beside it, or leave it out");
    }
    for (const auto& [name, value] : config_.headers) check_header(name, value);
    if (config_.api_key.find_first_of("\r\n") != std::string::npos) {
      say("api_key", "`api_key` holds a line break, expected one line", "does the secret end in a newline?");
    }
    if (config_.parameters.extra.find("stream") != nullptr) {
      say("parameters", "`stream` is set in `parameters.extra`, where nothing acts on it",
          "write `stream: true` beside `parameters`");
    }
  }

  void say_embeddings_come_whole() {
    say("stream", "`stream` means nothing to a model that embeds: vectors come whole", "leave it out");
  }

  void check_base_url() {
    const auto& url = config_.base_url;
    if (url.empty() || late(url)) return;
    const auto scheme = text::lower(url.substr(0, url.find("://")));
    const auto rest = url.find("://") == std::string::npos ? std::string() : url.substr(url.find("://") + 3);
    const auto host = rest.substr(0, rest.find_first_of("/?#"));
    if ((scheme != "http" && scheme != "https") || host.empty()) {
      say("base_url",
          "`base_url` is `" + text::shorten(text::printable(url), 80) + "`, expected `http://…` or `https://…`");
    } else if (host.find('@') != std::string::npos) {
      say("base_url", "`base_url` holds a user name or password, which would be recorded",
          "use `api_key` or `headers`");
    }
  }

  /// Whose paths begin with a version, or whose `/v1` is another API.
  void check_version_in_url() {
    auto url = std::string_view(config_.base_url);
    while (url.ends_with('/')) url.remove_suffix(1);
    if (late(url) || !url.ends_with("/v1")) return;
    if (config_.provider == "anthropic") {
      say("base_url", "`base_url` ends in `/v1`, which is added to it", "leave `/v1` out");
    }
    if (config_.provider == "ollama") {
      say("base_url", "`base_url` ends in `/v1`, where Ollama speaks OpenAI's API, not its own",
          "leave `/v1` out, or use `provider: openai`");
    }
  }

  void check_header(const std::string& name, const std::string& value) {
    constexpr std::string_view token = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    if (name.empty() || name.find_first_not_of(token) != std::string::npos) {
      say("headers", "`" + text::printable(name) + "` is no header's name, expected letters, digits and dashes");
    }
    if (value.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos) {
      say("headers", "the header `" + text::printable(name) + "` holds a line break, expected one line");
    }
  }

  void check_exec() {
    if (config_.command.empty() || config_.command.front().empty()) {
      say(given("command") ? "command" : "provider", "provider `exec` needs `command`, a program and its arguments",
          "for example `command: [python3, chains/support.py]`");
    }
    for (const auto& part : config_.command) {
      if (part.find('\0') != std::string::npos)
        say("command", "`command` holds a zero byte, which no program can be given");
      if (part.find("${secret.") != std::string::npos) {
        say("command", "`command` holds a secret, which every user of the machine could see", "give it in `env`");
      }
    }
    for (const auto& [name, value] : config_.env) {
      if (name.empty() || name.find('=') != std::string::npos || (name + value).find('\0') != std::string::npos) {
        say("env", "`" + text::printable(name) + "` is no variable's name or holds a zero byte");
      }
    }
  }

  const ModelConfig& config_;
  const doc::Node& written_;
  Errors errors_;
};

}  // namespace

Errors validate(const ModelConfig& config, const doc::Node& written) { return Checker(config, written).run(); }

}  // namespace llmops::model

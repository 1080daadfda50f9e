/// \file  What each provider needs, and what it has no use for.
#include <algorithm>
#include <array>

#include "base/text.h"
#include "model/config.h"

namespace llmops::model {
namespace {

struct KeyOwner {
  std::string_view key, provider;
};
constexpr std::array<KeyOwner, 10> kOwned = {{{"file", "llama"},
                                              {"adapter", "llama"},
                                              {"sha256", "llama"},
                                              {"base_url", "openai"},
                                              {"api_key", "openai"},
                                              {"headers", "openai"},
                                              {"command", "exec"},
                                              {"inputs", "exec"},
                                              {"env", "exec"},
                                              {"model", "llama` and `openai"}}};

bool late(std::string_view text) { return text.find("${") != std::string_view::npos; }

/// Gathers errors about one model.
class Checker {
 public:
  Checker(const ModelConfig& config, const doc::Node& written) : config_(config), written_(written) {}

  Errors run() {
    check_foreign_keys();
    if (config_.provider == "llama") check_llama();
    if (config_.provider == "openai") check_openai();
    if (config_.provider == "exec") check_exec();
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
      const auto owner =
          std::find_if(kOwned.begin(), kOwned.end(), [&](const KeyOwner& o) { return o.key == entry.key; });
      if (owner == kOwned.end() || owner->provider.find(config_.provider) != std::string_view::npos) continue;
      errors_.push_back(
          invalid_error("`" + entry.key + "` means nothing to provider `" + config_.provider + "`", entry.key_at,
                        "it belongs to `" + std::string(owner->provider) + "`; remove it, or change `provider`"));
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
    if (config_.sha256.empty()) return;
    if (!filed && !named) return;
    if (!filed)
      say("sha256", "`sha256` pins a `file`, but there is none", "remove it; models of the store are pinned already");
    if (!late(config_.sha256) && !Digest::parse(config_.sha256)) {
      say("sha256", "`sha256` must be 64 hexadecimal digits, found `" + text::shorten(config_.sha256, 80) + "`",
          "`sha256sum FILE` prints them");
    }
  }

  void check_openai() {
    if (config_.model.empty()) {
      say("provider", "provider `openai` needs `model`, the server's name for it",
          "for example `model: gpt-4.1-mini-2025-04-14`");
    }
    check_base_url();
    for (const auto& [name, value] : config_.headers) check_header(name, value);
    if (config_.api_key.find_first_of("\r\n") != std::string::npos) {
      say("api_key", "`api_key` holds a line break, expected one line", "does the secret end in a newline?");
    }
    if (config_.parameters.extra.find("stream") != nullptr) {
      say("parameters", "`stream` is set in `parameters.extra`, but answers are read whole", "remove it");
    }
  }

  void check_base_url() {
    const auto& url = config_.base_url;
    if (late(url)) return;
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

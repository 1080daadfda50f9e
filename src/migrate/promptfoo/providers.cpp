#include "migrate/promptfoo/providers.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "migrate/promptfoo/nunjucks.h"
#include "model/config.h"
#include "model/tool.h"

namespace llmops::migrate::promptfoo {
namespace {

/// Who speaks OpenAI's API, and where.
struct Compatible {
  std::string_view name, base_url, key;
};

constexpr std::array<Compatible, 26> kCompatible = {{
    {"openrouter", "https://openrouter.ai/api/v1", "OPENROUTER_API_KEY"},
    {"groq", "https://api.groq.com/openai/v1", "GROQ_API_KEY"},
    {"mistral", "https://api.mistral.ai/v1", "MISTRAL_API_KEY"},
    {"deepseek", "https://api.deepseek.com/v1", "DEEPSEEK_API_KEY"},
    {"xai", "https://api.x.ai/v1", "XAI_API_KEY"},
    {"perplexity", "https://api.perplexity.ai", "PERPLEXITY_API_KEY"},
    {"cerebras", "https://api.cerebras.ai/v1", "CEREBRAS_API_KEY"},
    {"togetherai", "https://api.together.xyz/v1", "TOGETHER_API_KEY"},
    {"fireworks", "https://api.fireworks.ai/inference/v1", "FIREWORKS_API_KEY"},
    {"hyperbolic", "https://api.hyperbolic.xyz/v1", "HYPERBOLIC_API_KEY"},
    {"lambdalabs", "https://api.lambda.ai/v1", "LAMBDA_API_KEY"},
    {"aimlapi", "https://api.aimlapi.com/v1", "AIML_API_KEY"},
    {"github", "https://models.github.ai/inference", "GITHUB_TOKEN"},
    {"google", "https://generativelanguage.googleapis.com/v1beta/openai", "GOOGLE_API_KEY"},
    {"palm", "https://generativelanguage.googleapis.com/v1beta/openai", "GOOGLE_API_KEY"},
    {"cohere", "https://api.cohere.ai/compatibility/v1", "COHERE_API_KEY"},
    {"deepinfra", "https://api.deepinfra.com/v1/openai", "DEEPINFRA_API_KEY"},
    {"sambanova", "https://api.sambanova.ai/v1", "SAMBANOVA_API_KEY"},
    {"nscale", "https://inference.api.nscale.com/v1", "NSCALE_SERVICE_TOKEN"},
    {"alibaba", "https://dashscope-intl.aliyuncs.com/compatible-mode/v1", "DASHSCOPE_API_KEY"},
    {"docker", "http://127.0.0.1:12434/engines/v1", ""},
    {"helicone", "http://127.0.0.1:8080/ai", "HELICONE_API_KEY"},
    {"litellm", "http://127.0.0.1:4000", "LITELLM_API_KEY"},
    {"localai", "http://127.0.0.1:8080/v1", ""},
    {"llama", "http://127.0.0.1:8080/v1", ""},
    {"vllm", "http://127.0.0.1:8000/v1", ""},
}};

/// Whose own APIs are not spoken here, and which a gateway such as LiteLLM makes speak OpenAI's.
constexpr std::array<std::string_view, 7> kThroughGateway = {"bedrock",   "vertex",    "watsonx",    "databricks",
                                                             "replicate", "sagemaker", "huggingface"};

/// What is asked of models that give no texts, or that keep a conversation of their own.
constexpr std::array<std::string_view, 15> kOtherKinds = {
    "image", "embedding",  "embeddings", "moderation", "realtime",      "assistant", "audio", "video",
    "live",  "completion", "speech",     "agents",     "transcription", "agent",     "kb"};

/// Sent on as they are.
constexpr std::array<std::string_view, 25> kExtra = {"reasoning_effort",
                                                     "reasoning",
                                                     "verbosity",
                                                     "frequency_penalty",
                                                     "presence_penalty",
                                                     "top_k",
                                                     "thinking",
                                                     "instructions",
                                                     "service_tier",
                                                     "user",
                                                     "store",
                                                     "metadata",
                                                     "logit_bias",
                                                     "top_logprobs",
                                                     "parallel_tool_calls",
                                                     "truncation",
                                                     "include",
                                                     "search_domain_filter",
                                                     "search_recency_filter",
                                                     "search_parameters",
                                                     "web_search_options",
                                                     "min_p",
                                                     "repetition_penalty",
                                                     "safe_prompt",
                                                     "random_seed"};

template <std::size_t N>
bool among(const std::array<std::string_view, N>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

const Compatible* compatible(std::string_view name) {
  const auto found =
      std::find_if(kCompatible.begin(), kCompatible.end(), [&](const auto& one) { return one.name == name; });
  return found == kCompatible.end() ? nullptr : &*found;
}

std::string secret(std::string_view name) { return "${secret." + std::string(name) + "}"; }

/// The parameter that a key of a provider's `config` is here.
std::string parameter_of(const std::string& key) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 17> kNames = {{
      {"temperature", "temperature"},
      {"max_tokens", "max_tokens"},
      {"maxTokens", "max_tokens"},
      {"max_completion_tokens", "max_tokens"},
      {"max_output_tokens", "max_tokens"},
      {"maxOutputTokens", "max_tokens"},
      {"max_new_tokens", "max_tokens"},
      {"num_predict", "max_tokens"},
      {"num_ctx", "context"},
      {"top_p", "top_p"},
      {"topP", "top_p"},
      {"seed", "seed"},
      {"stop", "stop"},
      {"stop_sequences", "stop"},
      {"tools", "tools"},
      {"tool_choice", "tool_choice"},
      {"logprobs", "logprobs"},
  }};
  const auto found = std::find_if(kNames.begin(), kNames.end(), [&](const auto& one) { return one.first == key; });
  return found == kNames.end() ? std::string() : std::string(found->second);
}

/// `{type: json_schema, json_schema: {schema}}` and its kin; null where it is none of them.
doc::Node format_of(const doc::Node& written) {
  const auto kind = written.get("type", "");
  if (kind == "json_object") return "json";
  if (kind != "json_schema") return {};
  const auto* inner = written.find("json_schema");
  const auto* schema = (inner ? inner : &written)->find("schema");
  if (!schema || !schema->is_map()) return {};
  return doc::Node::map({{"schema", *schema}});
}

bool is_here(std::string_view url) {
  return url.find("://localhost") != std::string_view::npos || url.find("://127.0.0.1") != std::string_view::npos ||
         url.find("://0.0.0.0") != std::string_view::npos;
}

/// The words of a command line; quotes hold blanks together.
std::vector<std::string> words_of(std::string_view command) {
  std::vector<std::string> out;
  std::string word;
  char quote = 0;
  bool any = false;
  for (const char c : command) {
    if (quote != 0 ? c == quote : c == '"' || c == '\'') {
      quote = quote != 0 ? '\0' : c;
      any = true;
    } else if (quote == 0 && (c == ' ' || c == '\t')) {
      if (any || !word.empty()) out.push_back(std::exchange(word, {}));
      any = false;
    } else {
      word += c;
    }
  }
  if (any || !word.empty()) out.push_back(word);
  return out;
}

}  // namespace

std::string with_environment(const std::string& text, Use use) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const auto end = text.compare(i, 2, "{{") == 0 ? text.find("}}", i) : std::string::npos;
    const auto inner =
        end == std::string::npos ? std::string_view() : text::trim(std::string_view(text).substr(i + 2, end - i - 2));
    if (!inner.starts_with("env.")) {
      out += text[i++];
      continue;
    }
    out += (use == Use::secret ? "${secret." : "${env.") + std::string(inner.substr(4)) + "}";
    i = end + 2;
  }
  return out;
}

std::vector<Provider> Providers::read(const doc::Node& written) {
  std::vector<Provider> out;
  if (written.is_list()) {
    for (const auto& one : written.items()) add(one, out);
  } else {
    add(written, out);
  }
  return out;
}

void Providers::add(const doc::Node& written, std::vector<Provider>& out) {
  if (written.is_scalar()) {
    if (const auto path = file_uri(written.text())) return add_file(*path, written.at(), out);
    return add_one(written.text(), {}, written.at(), out);
  }
  if (!written.is_map() || written.size() == 0) return notes_.lost(written.at(), "this provider", "it has no id");
  if (const auto* id = written.find("id")) {
    if (const auto path = file_uri(id->text()); path && (ending(*path) == "yaml" || ending(*path) == "json")) {
      return add_file(*path, id->at(), out);
    }
    return add_one(id->text(), written, id->at(), out);
  }
  for (const auto& [key, key_at, options] : written.entries()) add_one(key, options, key_at, out);
}

void Providers::add_file(const std::string& path, const SourcePos& at, std::vector<Provider>& out) {
  const auto kind = ending(path);
  if (kind != "yaml" && kind != "yml" && kind != "json") {
    return notes_.lost(at, "the provider `" + path + "`", "it is a program for promptfoo's own interface",
                       "write a program that reads and writes JSON lines: `provider: exec`");
  }
  const auto node = folder_.parse(path);
  if (!node) return notes_.lost(at, "the provider `" + path + "`", node.error().front().message);
  if (node->is_list()) {
    for (const auto& one : node->items()) add(one, out);
  } else {
    add(*node, out);
  }
}

void Providers::add_one(const std::string& id, const doc::Node& options, const SourcePos& at,
                        std::vector<Provider>& out) {
  Provider made;
  static const doc::Node nothing;
  const auto* config = options.find("config");
  if (!make(id, config ? *config : nothing, at, made)) return;
  const auto label = options.get("label", "");
  made.called.push_back(id);
  if (!label.empty()) made.called.push_back(label);
  if (options.is_map()) {
    for (const auto& [key, key_at, value] : options.entries()) {
      if (key == "id" || key == "label" || key == "config") continue;
      if (key == "prompts" && value.is_list()) {
        made.prompts.emplace();
        for (const auto& name : value.items()) made.prompts->push_back(name.text());
        continue;
      }
      notes_.lost(key_at, "`" + key + "` of the provider `" + id + "`",
                  key == "transform" ? "a model's answer is taken as it is; scorers have a `transform` each"
                                     : "a model here has nothing like it");
    }
  }
  auto wanted = model_slug(label);
  if (wanted.empty()) {
    const auto first = id.find(':'), last = id.rfind('/');
    auto rest = first == std::string::npos ? id : id.substr(first + 1);
    for (const auto* kind : {"chat:", "responses:", "messages:", "completion:"}) {
      if (rest.starts_with(kind)) rest = rest.substr(std::string_view(kind).size());
    }
    if (made.model.get("provider", "") != "exec" && last != std::string::npos && last > first) {
      rest = id.substr(last + 1);
    }
    wanted = model_slug(rest);
  }
  made.name = names_.fresh(wanted, "model");
  out.push_back(std::move(made));
}

bool Providers::make(const std::string& id, const doc::Node& config, const SourcePos& at, Provider& out) {
  const auto lose = [&](const std::string& why, std::string hint = {}) {
    notes_.lost(at, "the provider `" + id + "`", why, std::move(hint));
    return false;
  };
  if (id == "echo") {
    out.model = doc::Node::map({{"provider", "echo"}});
    return true;
  }
  if (id == "llama" || id == "llama.cpp") return make("llama:default", config, at, out);
  if (id.starts_with("exec:")) return make_program(id.substr(5), at, out);
  if (id.starts_with("file://") || ending(id) == "js" || ending(id) == "py" || id.starts_with("python:")) {
    return lose("it is a program for promptfoo's own interface",
                "write a program that reads and writes JSON lines: `provider: exec`");
  }
  constexpr std::string_view kGateway = "adaline:";  // What stands behind it is asked itself.
  if (id.starts_with(kGateway)) {
    notes_.add(at, "`" + id + "` is asked without Adaline's gateway");
    return make(id.substr(kGateway.size()), config, at, out);
  }
  const auto parts = text::split(id, ':');
  const auto& vendor = parts[0];
  const auto kind = parts.size() > 2 ? parts[1] : std::string();
  if (among(kOtherKinds, kind)) return lose("models here answer with text to a list of messages");
  if (parts.size() < 2) return lose("no model here is like it");
  auto model = id.substr(vendor.size() + 1);
  const bool has_kind =
      kind == "chat" || kind == "responses" || kind == "messages" || kind == "converse" || kind == "text-generation";
  if (has_kind) model = model.substr(kind.size() + 1);
  if (model.empty()) return lose("it names no model");
  auto& made = out.model = doc::Node::map();
  if (vendor == "anthropic") {
    made = doc::Node::map({{"provider", "anthropic"}, {"model", model}, {"api_key", secret("ANTHROPIC_API_KEY")}});
  } else if (vendor == "ollama") {
    made = doc::Node::map({{"provider", "ollama"}, {"model", model}});
  } else if (vendor == "openai") {
    made = doc::Node::map({{"provider", "openai"}, {"model", model}});
    if (kind == "responses") made["api"] = "responses";
    made["api_key"] = secret("OPENAI_API_KEY");
  } else if (vendor == "azure" || vendor == "azureopenai") {
    const auto host = with_environment(config.get("apiHost", "${env.AZURE_API_HOST}"), Use::plain);
    made = doc::Node::map({{"provider", "openai"},
                           {"base_url", "https://" + host + "/openai/v1"},
                           {"model", model},
                           {"headers", doc::Node::map({{"api-key", secret("AZURE_API_KEY")}})}});
    if (kind == "responses") made["api"] = "responses";
  } else if (const auto* known = compatible(vendor)) {
    made = doc::Node::map({{"provider", "openai"}, {"base_url", known->base_url}, {"model", model}});
    if (!known->key.empty()) made["api_key"] = secret(known->key);
  } else if (among(kThroughGateway, vendor)) {
    made = doc::Node::map({{"provider", "openai"},
                           {"base_url", "${env.GATEWAY_BASE_URL:-http://127.0.0.1:4000}"},
                           {"model", vendor + "/" + model},
                           {"api_key", secret("GATEWAY_API_KEY")}});
    notes_.add(at, "`" + id + "` is asked through a gateway that speaks OpenAI's API, at `$GATEWAY_BASE_URL`",
               "LiteLLM is one; or give the model another `base_url`");
  } else {
    return lose("no model here is like it", "a program of yours can ask it: `provider: exec`");
  }
  if (config.is_map()) {
    add_endpoint(config, made);
    add_parameters(config, made);
  }
  return true;
}

/// The adapter runs in the configuration's folder, as promptfoo does.
bool Providers::make_program(const std::string& command, const SourcePos& at, Provider& out) {
  const auto words = words_of(std::string(text::trim(command)));
  if (words.empty()) {
    notes_.lost(at, "this provider", "it names no program");
    return false;
  }
  auto argv = doc::Node::strings({"python3", adapter_, folder_.shown(".")});
  auto inputs = doc::Node::strings({adapter_});
  for (const auto& word : words) {
    argv.push_back(word);
    if (folder_.has_file(word)) inputs.push_back(folder_.shown(word));
  }
  out.model = doc::Node::map({{"provider", "exec"}, {"command", std::move(argv)}, {"inputs", std::move(inputs)}});
  out.runs_program = true;
  return true;
}

void Providers::add_endpoint(const doc::Node& config, doc::Node& model) {
  const auto url = config.get("apiBaseUrl", config.get("baseUrl", ""));
  if (!url.empty()) {
    const bool keyless = is_here(url) && !config.find("apiKey") && !config.find("apiKeyEnvar");
    if (keyless) model.erase("api_key");
    model["base_url"] = with_environment(url, Use::plain);
  }
  if (const auto* name = config.find("apiKeyEnvar")) model["api_key"] = secret(name->text());
  if (const auto* key = config.find("apiKey")) {
    const auto written = with_environment(key->text(), Use::secret);
    if (written.starts_with("${secret.") && written.ends_with("}")) {
      model["api_key"] = written;
    } else {
      notes_.lost(key->at(), "the key under `apiKey`", "a recipe holds no keys",
                  "set it as " + model.get("api_key", "${secret.OPENAI_API_KEY}") + " in the environment");
    }
  }
  if (const auto* headers = config.find("headers"); headers && headers->is_map()) {
    for (const auto& [name, at, value] : headers->entries()) {
      model["headers"][name] = with_environment(value.text(), Use::secret);
    }
  }
  if (const auto* organization = config.find("organization")) {
    model["headers"]["OpenAI-Organization"] = with_environment(organization->text(), Use::plain);
  }
  const auto input = config.get("inputCost", config.get("cost", 0.0));
  const auto output = config.get("outputCost", config.get("cost", 0.0));
  constexpr double kMillion = 1e6;
  if (input > 0 && output > 0) {
    model["price"] = doc::Node::map({{"input", input * kMillion}, {"output", output * kMillion}});
  }
}

void Providers::add_parameters(const doc::Node& config, doc::Node& model) {
  static constexpr std::array<std::string_view, 11> kEndpoint = {
      "apiBaseUrl", "baseUrl",    "apiKey", "apiKeyEnvar", "headers",   "organization",
      "inputCost",  "outputCost", "cost",   "apiHost",     "apiVersion"};
  auto parameters = doc::Node::map();
  for (const auto& [key, at, value] : config.entries()) {
    if (among(kEndpoint, key) || value.is_null()) continue;
    const auto name = parameter_of(key);
    auto one = value;
    if (const auto path = value.is_string() ? file_uri(value.as_string()) : std::nullopt) {
      auto read = folder_.parse(*path);
      if (!read) {
        notes_.lost(at, "`" + key + "`", read.error().front().message);
        continue;
      }
      one = *std::move(read);
    }
    if (key == "response_format") {
      auto format = format_of(one);
      if (!format.is_null()) {
        parameters["format"] = std::move(format);
        continue;
      }
      if (one.get("type", "") == "text") continue;
    } else if (name == "tool_choice" && one.is_map()) {
      const auto* function = one.find("function");
      const auto chosen = function ? function->get("name", "") : one.get("type", "");
      if (!chosen.empty()) {
        parameters[name] = chosen;
        continue;
      }
    } else if (!name.empty()) {
      const auto tried = doc::Node::map({{name, one}});
      auto wrong = schema::check(schema::type_of<model::Parameters>(), tried, schema::Late::refuse);
      if (wrong.empty()) wrong = model::check_tools(schema::read<model::Parameters>(tried));
      if (wrong.empty()) {
        parameters[name] = std::move(one);
        continue;
      }
      notes_.lost(at, "`" + key + "`", wrong.front().message);
      continue;
    } else if (among(kExtra, key)) {
      parameters["extra"][key] = std::move(one);
      continue;
    } else if (key == "passthrough" && one.is_map()) {
      for (const auto& [inner, inner_at, what] : one.entries()) parameters["extra"][inner] = what;
      continue;
    }
    notes_.lost(at, "`" + key + "` of a provider", "a model here has nothing like it",
                "what the API itself knows can stand under `parameters: {extra: …}`");
  }
  if (parameters.size() > 0) model["parameters"] = std::move(parameters);
}

}  // namespace llmops::migrate::promptfoo

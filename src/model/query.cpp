#include "model/query.h"

#include <cstring>

#include "doc/json.h"
#include "model/packing.h"
#include "model/tool.h"

namespace llmops::model {
namespace {

/// Answers of older versions are read too: 2 lacks what 3 has behind the spans, and both the vectors.
constexpr std::int64_t kAnswerVersion = 4, kWithVectors = 4, kOldestVersion = 2;

void pack(Packer& out, const std::vector<std::vector<float>>& vectors) {
  out.number(static_cast<std::int64_t>(vectors.size()));
  for (const auto& vector : vectors) {
    out.text({reinterpret_cast<const char*>(vector.data()), vector.size() * sizeof(float)});
  }
}

std::vector<std::vector<float>> unpack_vectors(Unpacker& in) {
  std::vector<std::vector<float>> out;
  for (auto left = in.number(); left > 0 && in.ok(); --left) {
    const auto bytes = in.text();
    auto& vector = out.emplace_back(bytes.size() / sizeof(float));
    std::memcpy(vector.data(), bytes.data(), vector.size() * sizeof(float));
  }
  return out;
}

schema::Type bounded(schema::Type::Kind kind, double least, std::optional<double> most = std::nullopt) {
  auto out = schema::Type::of(kind);
  out.least = least;
  out.most = most;
  return out;
}

struct FormatConfig {
  std::map<std::string, doc::Node> schema;
};

schema::Type schema_type() {
  auto out = schema::Type::map_of(schema::Type::of(schema::Type::Kind::any));
  out.short_form = std::make_shared<const schema::Type>(schema::Type::of(schema::Type::Kind::string));
  return out;
}

schema::Type format_type() {
  auto out =
      schema::Record<FormatConfig>("format", "The form of an answer: `json`, an object; or what a schema allows.")
          .need_as(schema_type(), "schema", &FormatConfig::schema,
                   "A JSON Schema, or in a recipe the path of a file that has one.")
          .type();
  out.short_form = std::make_shared<const schema::Type>(schema::Type::choice_of({"json"}));
  return out;
}

schema::Type texts_or_one() {
  auto out = schema::Type::list_of(schema::Type::of(schema::Type::Kind::string));
  out.short_form = out.item;
  return out;
}

}  // namespace

const schema::Record<Parameters>& record_of(Parameters*) {
  using Kind = schema::Type::Kind;
  static const auto record =
      schema::Record<Parameters>("parameters",
                                 "How an answer is drawn. What is not set is left to the provider; `llama` is greedy.")
          .may_as(bounded(Kind::number, 0), "temperature", &Parameters::temperature,
                  "0 takes the likeliest token each time; higher draws more widely.")
          .may_as(bounded(Kind::number, 0, 1), "top_p", &Parameters::top_p,
                  "Draws among the likeliest tokens that together have this probability.")
          .may_as(bounded(Kind::integer, 1), "max_tokens", &Parameters::max_tokens,
                  "The longest answer; a longer one is cut off and its finish reason is `length`.", "tokens")
          .may("seed", &Parameters::seed,
               "Makes drawing repeatable where the provider can; each repeat adds its number.")
          .may_as(texts_or_one(), "stop", &Parameters::stop, "Texts that end the answer and are not part of it.")
          .may_as(bounded(Kind::integer, 16), "context", &Parameters::context,
                  "Room for one query, prompt and answer together; `llama` and `ollama`.", "tokens")
          .may_as(format_type(), "format", &Parameters::format,
                  "The form of the answer: `json` for an object, or `{schema: …}` for what a JSON Schema allows.")
          .may_as(tools_type(), "tools", &Parameters::tools, "Functions that the model may want called; never called.")
          .may("tool_choice", &Parameters::tool_choice,
               "`auto`, `none`, `required`, or the name of the tool that must be called.")
          .may("logprobs", &Parameters::logprobs,
               "Asks for the log-probabilities of the answer's tokens, where the provider has them.")
          .may_as(schema::Type::map_of(schema::Type::of(Kind::any)), "extra", &Parameters::extra,
                  "Sent on as it is to an API or a program that knows it; wins over the keys above.");
  return record;
}

Parameters merge(Parameters base, const Parameters& over) {
  if (over.temperature) base.temperature = over.temperature;
  if (over.top_p) base.top_p = over.top_p;
  if (over.max_tokens) base.max_tokens = over.max_tokens;
  if (over.seed) base.seed = over.seed;
  if (over.context) base.context = over.context;
  if (!over.stop.empty()) base.stop = over.stop;
  if (!over.format.is_null()) base.format = over.format;
  if (!over.tools.is_null()) base.tools = over.tools;
  if (!over.tool_choice.empty()) base.tool_choice = over.tool_choice;
  if (over.logprobs) base.logprobs = over.logprobs;
  if (over.extra.is_map()) {
    for (const auto& entry : over.extra.entries()) base.extra[entry.key] = entry.value;
  }
  return base;
}

std::string to_bytes(const Answer& answer) {
  Packer out;
  out.bytes.reserve(answer.text.size() + 128);
  out.number(kAnswerVersion);
  out.text(answer.text);
  out.text(answer.finish_reason);
  out.maybe(answer.usage.input_tokens);
  out.maybe(answer.usage.output_tokens);
  out.maybe(answer.cost && answer.cost_told ? std::optional(answer.cost->value) : std::nullopt);
  out.number(answer.busy.count());
  out.number(answer.latency.count());
  out.number(static_cast<std::int64_t>(answer.choice_probabilities.size()));
  for (const auto& [choice, probability] : answer.choice_probabilities) {
    out.text(choice);
    out.real(probability);
  }
  out.text(answer.reported_model);
  out.text(answer.spans.is_null() ? std::string() : doc::to_json(answer.spans));
  out.maybe(answer.usage.cache_read_tokens);
  out.maybe(answer.usage.cache_write_tokens);
  out.maybe(answer.time_to_first_token ? std::optional<std::int64_t>(answer.time_to_first_token->count())
                                       : std::nullopt);
  out.text(answer.tool_calls.empty() ? std::string() : doc::to_json(to_node(answer.tool_calls)));
  out.maybe(answer.mean_log_probability);
  pack(out, answer.vectors);
  return std::move(out.bytes);
}

Result<Answer> answer_from_bytes(std::string_view bytes) {
  Unpacker in(bytes);
  const auto version = in.number();
  if (!in.ok() || version < kOldestVersion || version > kAnswerVersion) {
    return step_error("a kept answer has version " + std::to_string(version) + ", but up to " +
                      std::to_string(kAnswerVersion) + " is what this program reads");
  }
  Answer out;
  out.text = in.text();
  out.finish_reason = in.text();
  out.usage.input_tokens = in.maybe_number();
  out.usage.output_tokens = in.maybe_number();
  if (const auto cost = in.maybe_real()) out.cost = Usd{*cost};
  out.cost_told = out.cost.has_value();
  out.busy = std::chrono::nanoseconds(in.number());
  out.latency = Duration(in.number());
  for (auto left = in.number(); left > 0 && in.ok(); --left) {
    auto choice = in.text();
    out.choice_probabilities[std::move(choice)] = in.real();
  }
  out.reported_model = in.text();
  const auto spans = in.text();
  std::string calls;
  if (version > kOldestVersion) {
    out.usage.cache_read_tokens = in.maybe_number();
    out.usage.cache_write_tokens = in.maybe_number();
    if (const auto first = in.maybe_number()) out.time_to_first_token = Duration(*first);
    calls = in.text();
    out.mean_log_probability = in.maybe_real();
  }
  if (version >= kWithVectors) out.vectors = unpack_vectors(in);
  if (!in.done()) return step_error("a kept answer is damaged: its bytes end too early or too late");
  if (!spans.empty()) {
    TRY(out.spans, doc::parse_json_data(spans));
  }
  if (!calls.empty()) {
    TRY(const auto list, doc::parse_json_data(calls));
    out.tool_calls = tool_calls_in(list);
  }
  return out;
}

}  // namespace llmops::model

#include "model/exec/protocol.h"

#include "base/text.h"
#include "doc/json.h"
#include "model/embedding.h"
#include "model/json_text.h"

namespace llmops::model::exec {
namespace {

/// No answer costs as much, in USD.
constexpr double kTooDear = 1e9;

void write_parameters(JsonText& out, const Parameters& parameters, std::int64_t repeat) {
  auto node = doc::Node::map();
  if (parameters.temperature) node["temperature"] = *parameters.temperature;
  if (parameters.top_p) node["top_p"] = *parameters.top_p;
  if (parameters.max_tokens) node["max_tokens"] = *parameters.max_tokens;
  if (parameters.seed) node["seed"] = *parameters.seed + repeat;
  if (!parameters.stop.empty()) node["stop"] = doc::Node::strings(parameters.stop);
  if (!parameters.format.is_null()) node["format"] = parameters.format;
  if (parameters.tools.size() > 0) node["tools"] = parameters.tools;
  if (!parameters.tool_choice.empty()) node["tool_choice"] = parameters.tool_choice;
  if (parameters.logprobs.value_or(false)) node["logprobs"] = true;
  if (parameters.extra.is_map()) {
    for (const auto& entry : parameters.extra.entries()) node[entry.key] = entry.value;
  }
  out.raw(R"(,"parameters":)").raw(doc::to_json(node));
}

std::optional<std::int64_t> count(const doc::Node* usage, std::string_view key) {
  const auto* node = usage == nullptr ? nullptr : usage->find(key);
  return node != nullptr && node->is_int() && node->as_int() >= 0 ? std::optional(node->as_int()) : std::nullopt;
}

void read_cost(const doc::Node& cost, Reply& out) {
  if (cost.is_number() && cost.as_double() >= 0 && cost.as_double() < kTooDear) {
    out.cost = Usd{cost.as_double()};
  } else {
    out.unfit = "a `cost_usd` of `" + text::printable(text::shorten(cost.text(), 40)) +
                "`, expected a number from 0 to below 1,000,000,000";
  }
}

Result<Hello> read_hello(const doc::Node& hello) {
  const auto* protocol = hello.find("protocol");
  if (protocol != nullptr && *protocol != doc::Node(1)) {
    return step_error(
        "it speaks protocol `" + text::printable(text::shorten(protocol->text(), 20)) + "`, expected the number 1",
        "protocol 1 is all that this llmops speaks: have the program answer it, or leave `protocol` out");
  }
  Hello out{hello.get("name", ""), hello.get("version", ""), doc::Node()};
  if (const auto* capabilities = hello.find("capabilities")) out.capabilities = *capabilities;
  return out;
}

Result<Reply> read_reply(const doc::Node& line, const doc::Node& id) {
  Reply out;
  out.id = id.text();
  if (const auto* error = line.find("error"); error != nullptr && !error->is_null()) {
    out.error = error->is_map() ? error->get("message", "no message") : error->text();
    out.retryable = error->get("retryable", false);
    return out;
  }
  const auto* output = line.find("output");
  const bool scores = line.find("score") != nullptr || line.find("pass") != nullptr;
  if (scores) out.scored = doc::to_json(line);
  if (output != nullptr && !output->is_null()) {
    out.output = output->is_string() ? output->as_string() : doc::to_json(*output);
  } else if (!scores) {
    return step_error("it has neither `output` nor `error`");
  }
  const auto* usage = line.find("usage");
  out.usage = {count(usage, "input_tokens"), count(usage, "output_tokens")};
  if (const auto* cost = line.find("cost_usd"); cost != nullptr && !cost->is_null()) read_cost(*cost, out);
  if (const auto* spans = line.find("spans")) out.spans = *spans;
  if (const auto* calls = line.find("tool_calls")) out.tool_calls = tool_calls_in(*calls);
  if (const auto* mean = line.find("mean_logprob"); mean != nullptr && mean->is_number() && mean->as_double() <= 0) {
    out.mean_log_probability = mean->as_double();
  }
  return out;
}

}  // namespace

std::string hello_line() {
  return R"({"hello":{"protocol":1}})"
         "\n";
}

Result<std::string> query_line(const std::string& id, const Query& query) {
  if (!query.line.is_null()) {
    auto line = doc::Node::map({{"id", id}});
    for (const auto& entry : query.line.entries()) line[entry.key] = entry.value;
    return doc::to_json(line) + "\n";
  }
  if (!query.embed.empty()) return embeds_nothing();
  if (!is_utf8(query.messages))
    return invalid_error("the prompt holds bytes that are not UTF-8, and a program is sent only text");
  JsonText out;
  out.raw(R"({"id":)").string(id).raw(R"(,"messages":)").messages(query.messages);
  write_parameters(out, query.parameters, query.repeat);
  if (query.raw) out.raw(R"(,"raw":true)");
  if (!query.choices.empty()) out.raw(R"(,"choices":)").raw(doc::to_json(doc::Node::strings(query.choices)));
  if (query.repeat != 0) out.raw(R"(,"repeat":)").number(query.repeat);
  out.raw(R"(,"case":)").raw(query.case_fields.is_null() ? "{}" : doc::to_json(query.case_fields)).raw("}\n");
  return std::move(out.text);
}

Result<std::variant<Hello, Reply>> read_line(std::string_view line) {
  auto parsed = doc::parse_json_data(line);
  if (!parsed) return step_error("it is no JSON: " + parsed.error().message);
  if (!parsed->is_map())
    return step_error("it is " + std::string(describe(parsed->kind())) + ", expected a JSON object");
  if (const auto* hello = parsed->find("hello")) {
    TRY(auto greeting, read_hello(*hello));
    return std::variant<Hello, Reply>(std::move(greeting));
  }
  const auto* id = parsed->find("id");
  if (id == nullptr || !(id->is_string() || id->is_int()))
    return step_error("it has no `id`, expected that of a query");
  TRY(auto reply, read_reply(*parsed, *id));
  return std::variant<Hello, Reply>(std::move(reply));
}

}  // namespace llmops::model::exec

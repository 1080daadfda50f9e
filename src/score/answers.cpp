#include "score/answers.h"

#include <algorithm>

#include "doc/json.h"
#include "schema/record.h"

namespace llmops::score {
namespace {

AnswerLine from_node(const doc::Node& node) {
  AnswerLine out;
  out.cell = static_cast<std::size_t>(std::max<std::int64_t>(0, node.get("cell", 0)));
  out.case_id = node.get("case", "");
  out.repeat = node.get("repeat", 0);
  out.output = node.get("output", "");
  const auto* expected = node.find("expected");
  if (expected && !expected->is_null()) out.expected = expected->text();
  const auto* latency = node.find("latency_ms");
  if (latency && latency->is_number()) out.latency = Duration{static_cast<std::int64_t>(latency->as_double())};
  const auto* first = node.find("ttft_ms");
  if (first && first->is_number()) out.time_to_first_token = Duration{static_cast<std::int64_t>(first->as_double())};
  const auto* cost = node.find("cost_usd");
  if (cost && cost->is_number()) out.cost = Usd{cost->as_double()};
  out.finish_reason = node.get("finish_reason", "");
  if (const auto* calls = node.find("tool_calls")) out.tool_calls = *calls;
  const auto* mean = node.find("mean_logprob");
  if (mean && mean->is_number()) out.mean_log_probability = mean->as_double();
  const auto* reasons = node.find("reasons");
  if (reasons && reasons->is_map()) {
    for (const auto& entry : reasons->entries()) out.reasons[entry.key] = entry.value.text();
  }
  if (const auto* judged = node.find("judged"); judged && judged->is_map()) {
    for (const auto& entry : judged->entries())
      out.judged[entry.key] = schema::read<std::vector<std::string>>(entry.value);
  }
  if (const auto* earlier = node.find("earlier"); earlier && earlier->is_list()) {
    out.earlier = schema::read<std::vector<std::string>>(*earlier);
  }
  const auto* long_fields = node.find("long_fields");
  if (long_fields && long_fields->is_map()) {
    for (const auto& entry : long_fields->entries()) out.long_fields.emplace_back(entry.key, entry.value.text());
  }
  return out;
}

}  // namespace

std::string shown(const std::string& output, const doc::Node& tool_calls) {
  std::string out = output;
  if (!tool_calls.is_list()) return out;
  for (const auto& call : tool_calls.items()) {
    if (!out.empty()) out += '\n';
    const auto* arguments = call.find("arguments");
    out += call.get("name", "?") + "(" + (arguments == nullptr ? std::string() : doc::to_json(*arguments)) + ")";
  }
  return out;
}

std::string to_line(const AnswerLine& answer) {
  auto node = doc::Node::map({{"cell", static_cast<std::int64_t>(answer.cell)},
                              {"case", answer.case_id},
                              {"repeat", answer.repeat},
                              {"output", answer.output}});
  if (answer.expected) node["expected"] = *answer.expected;
  node["latency_ms"] = static_cast<std::int64_t>(answer.latency.count());
  if (answer.time_to_first_token) {
    node["ttft_ms"] = static_cast<std::int64_t>(answer.time_to_first_token->count());
  }
  if (answer.cost) node["cost_usd"] = answer.cost->value;
  if (!answer.finish_reason.empty()) node["finish_reason"] = answer.finish_reason;
  if (!answer.tool_calls.is_null()) node["tool_calls"] = answer.tool_calls;
  if (answer.mean_log_probability) node["mean_logprob"] = *answer.mean_log_probability;
  if (!answer.reasons.empty()) {
    auto& reasons = node["reasons"];
    for (const auto& [metric, reason] : answer.reasons) reasons[metric] = reason;
  }
  if (!answer.judged.empty()) {
    auto& judged = node["judged"];
    for (const auto& [metric, replies] : answer.judged) judged[metric] = doc::Node::strings(replies);
  }
  if (!answer.earlier.empty()) node["earlier"] = doc::Node::strings(answer.earlier);
  if (!answer.long_fields.empty()) {
    auto& fields = node["long_fields"];
    for (const auto& [name, text] : answer.long_fields) fields[name] = text;
  }
  return doc::to_json(node) + "\n";
}

Result<void> read_answers(std::string_view text, const std::function<void(AnswerLine)>& each) {
  std::size_t number = 0;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    const auto line = text.substr(at, end - at);
    at = end + 1;
    ++number;
    if (line.empty()) continue;
    const auto node = doc::parse_json_data(line);
    if (!node || !node->is_map()) {
      return invalid_error("line " + std::to_string(number) + " of the answers is no JSON object", {},
                           "run the eval with `--force` to make them again");
    }
    each(from_node(*node));
  }
  return {};
}

}  // namespace llmops::score

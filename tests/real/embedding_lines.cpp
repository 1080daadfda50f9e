/// Embeds the text of each line with a GGUF file: the other side of embedding_oracles.py. One JSON object a line on
/// standard input, one on standard output.
///
///   {"text": "…"}  ->  {"vector": […], "tokens": 7, "cut": false} or {"error": "…"}
///
/// The file is $LLMOPS_TEST_EMBEDDER, else what `llmops models pull all-minilm-l6-v2` brings.
#include <iostream>

#include "doc/json.h"
#include "model/embedding.h"
#include "real/llama_machine.h"

using namespace llmops;

namespace {

doc::Node to_node(const model::Outcome& outcome) {
  if (!outcome) return doc::Node::map({{"error", outcome.error().error.message}});
  auto numbers = doc::Node::list();
  for (const auto number : outcome->vectors.front()) numbers.push_back(static_cast<double>(number));
  return doc::Node::map({{"vector", std::move(numbers)},
                         {"tokens", outcome->usage.input_tokens.value_or(0)},
                         {"cut", outcome->finish_reason == "length"}});
}

}  // namespace

int main() {
  model::Machine machine;
  auto context = machine.context();
  const auto model = model::open_llama(machine.embedder(), context);
  if (!model) {
    std::cerr << render(model.error()) << "\n";
    return 1;
  }
  std::vector<model::Query> queries;
  for (std::string line; std::getline(std::cin, line);) {
    const auto node = doc::parse_json_data(line);
    if (!node) return 1;
    queries.push_back(model::embed_query(node->get("text", "")));
  }
  for (const auto& outcome : model::ask_all(**model, queries)) std::cout << doc::to_json(to_node(outcome)) << "\n";
}

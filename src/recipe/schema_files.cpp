#include "recipe/schema_files.h"

#include <algorithm>

#include "doc/json.h"
#include "doc/yaml.h"
#include "recipe/document.h"
#include "schema/type.h"

namespace llmops::recipe {
namespace {

class Inliner {
 public:
  Inliner(asset::AssetSource& source, std::vector<std::string>& files) : source_(source), files_(files) {}

  Errors run(doc::Node& document) {
    in_all(document.find("models"));
    if (auto* environments = document.find("environments"); environments && environments->is_map()) {
      for (auto& entry : environments->entries()) in_all(entry.value.find("models"));
    }
    if (auto* steps = document.find("steps"); steps && steps->is_list()) {
      for (auto& step : steps->items()) in_all(&step);
    }
    return std::move(errors_);
  }

 private:
  void in_all(doc::Node* holders) {
    if (!holders || !holders->is_map()) return;
    for (auto& entry : holders->entries()) in_parameters(entry.value.find("parameters"));
  }

  void in_parameters(doc::Node* parameters) {
    auto* format = parameters ? parameters->find("format") : nullptr;
    auto* schema = format ? format->find("schema") : nullptr;
    if (!schema || !schema->is_string() || schema::holds_expression(*schema)) return;
    const auto at = schema->at();
    auto read = content(rooted(schema->as_string(), at.source ? at.source->name : std::string()));
    if (read) {
      *schema = *std::move(read);
      return;
    }
    for (auto& error : read.error()) {
      if (!error.at.known()) error.at = at;
      errors_.push_back(std::move(error));
    }
  }

  Result<doc::Node, Errors> content(const std::string& path) {
    auto tracked = source_.file(path);
    if (!tracked) return Errors{std::move(tracked).error()};
    auto bytes = source_.read(path);
    if (!bytes) return Errors{std::move(bytes).error()};
    if (std::find(files_.begin(), files_.end(), path) == files_.end()) files_.push_back(path);
    auto node = parse(path, *std::move(bytes));
    if (node && !node->is_map()) {
      return Errors{
          invalid_error("a JSON Schema is a map, found " + std::string(doc::describe(node->kind())), node->at())};
    }
    return node;
  }

  static Result<doc::Node, Errors> parse(const std::string& path, std::string bytes) {
    if (!path.ends_with(".json")) return doc::parse_yaml(path, std::move(bytes));
    auto parsed = doc::parse_json(path, std::move(bytes));
    if (!parsed) return Errors{std::move(parsed).error()};
    return *std::move(parsed);
  }

  asset::AssetSource& source_;
  std::vector<std::string>& files_;
  Errors errors_;
};

}  // namespace

Errors inline_schemas(doc::Node& document, asset::AssetSource& source, std::vector<std::string>& files) {
  return Inliner(source, files).run(document);
}

}  // namespace llmops::recipe

#include "recipe/document.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <unordered_set>

#include "base/text.h"
#include "doc/yaml.h"
#include "recipe/file.h"
#include "recipe/schema_files.h"
#include "schema/type.h"
#include "sys/hash.h"
#include "sys/program.h"

namespace llmops::recipe {
namespace {

constexpr std::array<std::string_view, 5> kShared = {"models", "prompts", "datasets", "indexes", "environments"};

/// Shape of an included file: the shared maps and nothing else.
schema::Type include_type(const step::Kinds& kinds) {
  auto whole = recipe_type(kinds);
  schema::Type type;
  type.kind = schema::Type::Kind::record;
  type.name = "include";
  type.help = "A file whose entries join a recipe's.";
  for (auto& field : whole.fields) {
    for (const auto name : kShared) {
      if (field.name == name) type.fields.push_back(field);
    }
  }
  return type;
}

/// A version of the language that we don't know is said before anything else is found wrong.
std::optional<Error> version_error(const doc::Node& node) {
  const auto* version = node.find("llmops");
  if (!version || !version->is_int() || version->as_int() == kFormat) return std::nullopt;
  const auto written = std::to_string(version->as_int());
  if (version->as_int() > kFormat) {
    return invalid_error("the recipe is written in format " + written + ", and this llmops reads up to format " +
                             std::to_string(kFormat),
                         version->at(), "install a release of llmops that reads format " + written);
  }
  return invalid_error("there is no recipe format " + written, version->at(), "write `llmops: 1`");
}

/// A name stands in file names, in cells (`model/prompt`) and on terminals.
bool valid_name(std::string_view name) {
  const auto dotless = text::replace_all(std::string(name), ".", "_");
  return valid_id(dotless) && !name.starts_with('.');
}

void check_name(const std::string& what, const std::string& name, const SourcePos& at, Errors& errors) {
  if (valid_name(name)) return;
  errors.push_back(invalid_error("`" + text::printable(text::shorten(name, 120)) + "` can't be the name of " + what, at,
                                 name.size() > 100 ? "it has more than 100 characters"
                                                   : "use letters, digits, `-`, `_` and `.`, the last not first"));
}

Errors check_names(const doc::Node& document) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kNamed = {
      {{"models", "a model"},
       {"prompts", "a prompt"},
       {"datasets", "a dataset"},
       {"indexes", "an index"},
       {"environments", "an environment"}}};
  Errors out;
  if (const auto* name = document.find("name"); name && name->is_scalar() && !name->is_null()) {
    check_name("a recipe", name->text(), name->at(), out);
  }
  for (const auto& [key, what] : kNamed) {
    const auto* named = document.find(key);
    if (!named || !named->is_map()) continue;
    for (const auto& entry : named->entries()) check_name(std::string(what), entry.key, entry.key_at, out);
  }
  return out;
}

void refuse_expression(const std::string& what, const doc::Node& node, Errors& errors) {
  if (!schema::holds_expression(node)) return;
  errors.push_back(invalid_error("`${…}` can't stand for " + what, node.at(),
                                 "write it out here: expressions stand for the values within"));
}

/// What names things can't come from an expression, which is looked up among them.
Errors check_outline(const doc::Node& document) {
  Errors out;
  for (const auto* key : {"vars", "models", "prompts", "datasets", "indexes", "environments", "steps", "include"}) {
    const auto* value = document.find(key);
    if (!value) continue;
    refuse_expression("the whole of `" + std::string(key) + "`", *value, out);
    const bool environments = std::string_view(key) == "environments";
    if (environments && value->is_map()) {
      for (const auto& entry : value->entries()) refuse_expression("an environment", entry.value, out);
    }
    if (value->is_list()) {
      for (const auto& item : value->items()) {
        refuse_expression(std::string_view(key) == "steps" ? "a step" : "a file to include", item, out);
      }
    }
  }
  return out;
}

/// What is wrong with the shape, in the file's order. Ids alone don't keep the rest from being looked at.
Errors check_shape(const schema::Type& type, const doc::Node& node) {
  auto errors = schema::check(type, node, schema::Late::allow);
  for (auto more : {check_names(node), check_outline(node)}) {
    errors.insert(errors.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  }
  if (errors.empty()) return errors;
  auto ids = check_ids(node);
  errors.insert(errors.end(), std::make_move_iterator(ids.begin()), std::make_move_iterator(ids.end()));
  std::stable_sort(errors.begin(), errors.end(), [](const Error& a, const Error& b) {
    return std::pair(a.at.line, a.at.column) < std::pair(b.at.line, b.at.column);
  });
  return errors;
}

Result<doc::Node, Errors> parse_checked(store::Cache& cache, const std::string& path, std::string text,
                                        const std::function<schema::Type()>& type, std::string_view flavour) {
  const auto key = sys::sha256(std::string("parse\0", 6) + sys::build_id() + '\0' + std::string(flavour) + '\0' + path +
                               '\0' + text);
  if (auto kept = cache.parses().get(key); kept && *kept) {
    if (auto node = doc::unpack(**kept, path, text)) return *std::move(node);
  }
  TRY(auto node, doc::parse_yaml(path, text));
  if (node.is_null()) {
    const SourcePos at{std::make_shared<const SourceText>(SourceText{path, text}), 1, 1};
    return Errors{invalid_error("the file is empty, expected a map", at, "a recipe begins with `llmops: 1`")};
  }
  if (auto wrong = version_error(node)) return Errors{*std::move(wrong)};
  if (auto errors = check_shape(type(), node); !errors.empty()) return errors;
  static_cast<void>(cache.parses().put(key, doc::pack(node)));  // A full disk only costs the next run this parse.
  return node;
}

void join(doc::Node& into, const doc::Node& from, Errors& errors) {
  for (const auto name : kShared) {
    const auto* added = from.find(name);
    if (!added || !added->is_map()) continue;
    auto& existing = into[name];
    if (existing.is_null()) existing = doc::Node::map();
    for (const auto& entry : added->entries()) {
      if (const auto* twice = existing.find(entry.key)) {
        errors.push_back(
            invalid_error("`" + entry.key + "` is already in `" + std::string(name) + "` at " + twice->at().to_string(),
                          entry.key_at, "give one of them another name"));
        continue;
      }
      existing.entries().push_back(entry);
    }
  }
}

}  // namespace

std::string rooted(const std::string& written, const std::string& recipe_path) {
  if (!written.starts_with("./")) return written;
  const auto folder = recipe_path.rfind('/');
  return folder == std::string::npos ? written.substr(2) : recipe_path.substr(0, folder + 1) + written.substr(2);
}

std::string command_path(const std::string& word) { return word.starts_with("./") ? word.substr(2) : word; }

bool has_step(const doc::Node& document, std::string_view id) {
  const auto* steps = document.find("steps");
  if (!steps || !steps->is_list()) return false;
  const auto base = id.substr(0, id.find('['));
  return std::any_of(steps->items().begin(), steps->items().end(), [&](const auto& step) {
    const auto* written = step.find("id");
    return written && written->text() == base;
  });
}

bool valid_id(std::string_view id) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  };
  return !id.empty() && id.size() <= 100 && std::all_of(id.begin(), id.end(), plain);
}

Errors check_ids(const doc::Node& document) {
  Errors out;
  const auto* steps = document.find("steps");
  if (!steps || !steps->is_list()) return out;
  std::unordered_set<std::string> seen;
  for (const auto& step : steps->items()) {
    const auto* id = step.find("id");
    if (!id || !id->is_scalar() || id->is_null()) continue;
    const auto text = id->text();
    if (!valid_id(text)) {
      out.push_back(
          invalid_error("`" + text::printable(text::shorten(text, 120)) + "` can't be a step's id", id->at(),
                        text.size() > 100 ? "it has more than 100 characters" : "use letters, digits, `-` and `_`"));
    } else if (const auto* matrix = step.find("matrix");
               (!matrix || matrix->size() == 0) && !seen.insert(text).second) {
      out.push_back(invalid_error("there are two steps `" + text + "`", id->at(), "give one another id"));
    }
  }
  return out;
}

Result<Document, Errors> read_document(asset::AssetSource& source, store::Cache& cache, const step::Kinds& kinds,
                                       const std::string& path) {
  TRY(auto text, source.read(path));
  Document out;
  out.files.push_back(path);
  TRY(out.node, parse_checked(
                    cache, path, std::move(text), [&] { return recipe_type(kinds); }, "recipe"));
  Errors errors;
  const auto* include = out.node.find("include");
  std::vector<schema::Placed<std::string>> files;
  if (include) files = schema::read<std::vector<schema::Placed<std::string>>>(*include);
  for (const auto& file : files) {
    const auto included = rooted(file.value, path);
    auto tracked = source.file(included);
    auto bytes = tracked ? source.read(included) : Result<std::string>(std::move(tracked).error());
    if (!bytes) {
      auto error = std::move(bytes).error();
      error.at = file.at;
      errors.push_back(std::move(error));
      continue;
    }
    out.files.push_back(included);
    auto node = parse_checked(
        cache, included, *std::move(bytes), [&] { return include_type(kinds); }, "include");
    if (!node) {
      errors.insert(errors.end(), node.error().begin(), node.error().end());
      continue;
    }
    join(out.node, *node, errors);
  }
  auto wrong = inline_schemas(out.node, source, out.files);
  errors.insert(errors.end(), std::make_move_iterator(wrong.begin()), std::make_move_iterator(wrong.end()));
  if (!errors.empty()) return errors;
  return out;
}

}  // namespace llmops::recipe

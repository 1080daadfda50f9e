#include "migrate/promptfoo/tests.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "doc/json.h"
#include "migrate/promptfoo/assertions.h"
#include "migrate/promptfoo/nunjucks.h"

namespace llmops::migrate::promptfoo {
namespace {

bool is_among(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::vector<std::string> names_in(const doc::Node& node) {
  std::vector<std::string> out;
  if (node.is_list()) {
    for (const auto& one : node.items()) out.push_back(one.is_map() ? one.get("id", "") : one.text());
  } else {
    out.push_back(node.text());
  }
  return out;
}

/// JavaScript has one kind of number: 1.0 is written 1.
doc::Node number_as_there(const doc::Node& node) {
  if (node.is_number() && !node.is_int() && node.as_double() == std::floor(node.as_double()) &&
      std::fabs(node.as_double()) < 1e15) {
    return doc::Node(static_cast<std::int64_t>(node.as_double()));
  }
  return node;
}

class Reader {
 public:
  Reader(const Folder& folder, Notes& notes) : folder_(folder), notes_(notes) {}

  std::vector<Test> all(const doc::Node& written) {
    std::vector<Test> out;
    add_all(written, out);
    return out;
  }

  Test one(const doc::Node& written) {
    Test out;
    out.at = written.at();
    for (const auto& [key, at, value] : written.entries()) {
      if (value.is_null()) continue;
      if (key == "description")
        out.description = value.text();
      else if (key == "vars")
        add_variables(value, out);
      else if (key == "assert")
        add_assertions(value, out);
      else if (key == "threshold" && value.is_number())
        out.threshold = value.as_double();
      else if (key == "metadata" && value.is_map())
        out.metadata = value;
      else if (key == "options")
        add_options(value, out);
      else if (key == "provider")
        out.provider = value;
      else if (key == "providers")
        out.providers = names_in(value);
      else if (key == "prompts")
        out.prompts = names_in(value);
      else
        notes_.lost(at, "`" + key + "` of a test", reason_of(key));
    }
    return out;
  }

 private:
  static std::string reason_of(const std::string& key) {
    if (key == "providerOutput") return "an answer given beforehand is not asked for";
    if (key == "assertScoringFunction") return "a program combines the scores";
    return "a case here has nothing like it";
  }

  void add_all(const doc::Node& written, std::vector<Test>& out) {
    if (written.is_null()) return;
    if (written.is_list()) {
      for (const auto& one : written.items()) add_all(one, out);
    } else if (written.is_map()) {
      if (written.find("path") && !written.find("vars") && !written.find("assert")) {
        return notes_.lost(written.at(), "the test file `" + written.get("path", "") + "`", "a program makes them");
      }
      out.push_back(one(written));
    } else {
      add_file(written.text(), written.at(), out);
    }
  }

  void add_file(const std::string& reference, const SourcePos& at, std::vector<Test>& out) {
    const auto path = file_uri(reference).value_or(reference);
    const auto what = "the test file `" + path + "`";
    if (reference.find("://") != std::string::npos && !file_uri(reference)) {
      return notes_.lost(at, "the test file `" + reference + "`", "they are not in a file",
                         "save them as CSV or JSON Lines, and name that file");
    }
    const auto kind = ending(path);
    if (!is_among(kind, {"yaml", "yml", "json", "jsonl", "csv"})) {
      return notes_.lost(at, what, is_among(kind, {"xlsx", "xls"}) ? "it is a spreadsheet" : "a program makes them",
                         "save them as CSV or JSON Lines, and name that file");
    }
    const auto files = folder_.glob(path);
    if (files.empty()) notes_.lost(at, what, "no file is so named");
    for (const auto& file : files) {
      const auto node = folder_.parse(file);
      if (!node) {
        notes_.lost(at, "the test file `" + file + "`", node.error().front().message);
      } else if (kind == "csv") {
        for (const auto& row : node->items()) out.push_back(from_row(row));
      } else {
        add_all(*node, out);
      }
    }
  }

  void add_variables(const doc::Node& written, Test& out) {
    if (written.is_map()) {
      for (const auto& [key, at, value] : written.entries()) {
        if (auto loaded = variable(value)) {
          out.variables[key] = *std::move(loaded);
        } else {
          notes_.lost(at, "the variable `" + key + "`", "a program makes it, or no file is so named");
        }
      }
      return;
    }
    for (const auto& path : names_in(written)) {
      for (const auto& file : folder_.glob(file_uri(path).value_or(path))) {
        const auto node = folder_.parse(file);
        if (node && node->is_map()) {
          add_variables(*node, out);
        } else {
          notes_.lost(written.at(), "the variable file `" + file + "`", "it can't be read as a map");
        }
      }
    }
  }

  /// What `file://` means is loaded; nothing where it can't be.
  std::optional<doc::Node> variable(const doc::Node& value) {
    if (value.is_list()) {
      auto out = doc::Node::list();
      for (const auto& one : value.items()) {
        auto loaded = variable(one);
        if (!loaded) return std::nullopt;
        out.push_back(*std::move(loaded));
      }
      return out;
    }
    if (!value.is_string()) return number_as_there(value);
    const auto path = file_uri(value.as_string());
    if (!path) return doc::Node(value.as_string());
    const auto files = folder_.glob(*path);
    if (path->find('*') != std::string::npos) {
      auto out = doc::Node::list();
      for (const auto& file : files) {
        auto loaded = content(file);
        if (!loaded) return std::nullopt;
        out.push_back(*std::move(loaded));
      }
      return out;
    }
    return content(*path);
  }

  std::optional<doc::Node> content(const std::string& file) {
    const auto kind = ending(file);
    if (is_among(kind, {"js", "ts", "mjs", "cjs", "py", "rb", "pdf", "png", "jpg", "jpeg", "gif", "webp", "mp3", "wav",
                        "mp4"})) {
      return std::nullopt;
    }
    if (is_among(kind, {"yaml", "yml", "json"})) {
      const auto node = folder_.parse(file);
      return node ? std::optional(doc::Node(doc::to_json(*node))) : std::nullopt;
    }
    const auto text = folder_.read(file);
    if (!text || text::invalid_utf8(*text)) return std::nullopt;
    return doc::Node(std::string(text::trim(*text)));
  }

  void add_assertions(const doc::Node& written, Test& out) {
    if (const auto path = written.is_string() ? file_uri(written.as_string()) : std::nullopt) {
      const auto node = folder_.parse(*path);
      if (node) return add_assertions(*node, out);
      return notes_.lost(written.at(), "the assertion file `" + *path + "`", node.error().front().message);
    }
    if (!written.is_list()) return notes_.lost(written.at(), "`assert`", "it is no list");
    for (const auto& one : written.items()) {
      const auto reference = one.is_string() ? file_uri(one.as_string()) : std::nullopt;
      const auto* shared = one.is_map() ? one.find("$ref") : nullptr;
      if (shared) {
        notes_.lost(one.at(), "the assertion `" + shared->text() + "`", "it refers to another place in the file",
                    "write it out, or use a YAML anchor");
      } else if (reference) {
        add_assertions(one, out);
      } else {
        out.assertions.push_back(one.is_string() ? assertion_of(one.as_string(), one.at()) : one);
      }
    }
  }

  void add_options(const doc::Node& written, Test& out) {
    if (!written.is_map()) return;
    for (const auto& [key, at, value] : written.entries()) {
      if (key == "transform" || key == "postprocess")
        out.transform = value;
      else if (key == "provider")
        out.grader = value;
      else if (key == "prefix")
        out.prefix = value.text();
      else if (key == "suffix")
        out.suffix = value.text();
      else if (key == "runSerially")
        continue;
      else
        notes_.lost(at, "`options." + key + "` of a test", "a case here has nothing like it");
    }
  }

  /// `key[]` holds a list, with commas between its items.
  static void add_metadata(const std::string& key, const std::string& text, Test& out) {
    if (!key.ends_with("[]")) {
      out.metadata[key] = text;
      return;
    }
    auto items = doc::Node::list();
    for (const auto& item : text::split(text, ',')) items.push_back(std::string(text::trim(item)));
    out.metadata[key.substr(0, key.size() - 2)] = std::move(items);
  }

  /// A row: its columns are variables, those with two underscores in front say more.
  Test from_row(const doc::Node& row) {
    Test out;
    out.at = row.at();
    doc::Node metric;
    std::vector<std::pair<std::string, std::string>> thresholds;
    for (const auto& [key, at, value] : row.entries()) {
      const auto text = value.text();
      const auto trimmed = std::string(text::trim(text));
      if (key.starts_with("__expected")) {
        if (!trimmed.empty()) out.assertions.push_back(assertion_of(trimmed, at));
      } else if (key == "__description") {
        out.description = text;
      } else if (key == "__prefix") {
        out.prefix = text;
      } else if (key == "__suffix") {
        out.suffix = text;
      } else if (key == "__metric") {
        metric = trimmed;
      } else if (key == "__threshold") {
        out.threshold = text::to_double(trimmed);
      } else if (key.starts_with("__metadata:")) {
        if (!trimmed.empty()) add_metadata(key.substr(11), text, out);
      } else if (key.starts_with("__config:__expected") && key.ends_with(":threshold")) {
        thresholds.emplace_back(std::string(key), trimmed);
      } else if (key.starts_with("__")) {
        if (!trimmed.empty()) notes_.lost(at, "the column `" + key + "`", "a case here has nothing like it");
      } else {
        out.variables[key] = text;
      }
    }
    for (const auto& [key, text] : thresholds) {
      const auto digits = key.substr(19, key.rfind(':') - 19);
      const auto number = digits.empty() ? std::optional<std::int64_t>(1) : text::to_int(digits);
      const auto threshold = text::to_double(text);
      if (!number || !threshold || *number < 1 || *number > static_cast<std::int64_t>(out.assertions.size())) continue;
      out.assertions[static_cast<std::size_t>(*number - 1)]["threshold"] = *threshold;
    }
    if (!metric.is_null() && !metric.text().empty()) {
      for (auto& assertion : out.assertions) assertion["metric"] = metric;
    }
    return out;
  }

  const Folder& folder_;
  Notes& notes_;
};

/// `over` on `under`, whose assertions come first.
Test merged(const Test& under, const Test& over) {
  auto out = over;
  out.variables = under.variables;
  for (const auto& entry : over.variables.entries()) out.variables[entry.key] = entry.value;
  out.assertions = under.assertions;
  out.assertions.insert(out.assertions.end(), over.assertions.begin(), over.assertions.end());
  if (!out.threshold) out.threshold = under.threshold;
  if (out.description.empty()) out.description = under.description;
  if (out.transform.is_null()) out.transform = under.transform;
  if (out.grader.is_null()) out.grader = under.grader;
  if (out.provider.is_null()) out.provider = under.provider;
  if (!out.prompts) out.prompts = under.prompts;
  if (!out.providers) out.providers = under.providers;
  if (out.prefix.empty()) out.prefix = under.prefix;
  if (out.suffix.empty()) out.suffix = under.suffix;
  if (under.metadata.is_map()) {
    auto metadata = under.metadata;
    if (over.metadata.is_map()) {
      for (const auto& entry : over.metadata.entries()) metadata[entry.key] = entry.value;
    }
    out.metadata = std::move(metadata);
  }
  return out;
}

/// As promptfoo does: only a list that begins with a text makes several tests.
bool makes_several(const doc::Node& value) {
  return value.is_list() && value.size() > 0 && value.items().front().is_string();
}

/// One test for each combination of the items of its lists.
void expand(const Test& test, std::vector<Test>& out) {
  for (const auto& entry : test.variables.entries()) {
    if (!makes_several(entry.value)) continue;
    for (const auto& item : entry.value.items()) {
      auto one = test;
      one.variables[entry.key] = item.is_list() ? doc::Node(doc::to_json(item)) : item;
      expand(one, out);
    }
    return;
  }
  out.push_back(test);
}

/// Variables may be templates over the others.
void render_variables(Test& test) {
  for (auto& entry : test.variables.entries()) {
    for (int depth = 0; depth < 5 && entry.value.is_string() && is_template(entry.value.as_string()); ++depth) {
      auto made = rendered(entry.value.as_string(), test.variables);
      if (!made || *made == entry.value.as_string()) break;
      entry.value = doc::Node(*std::move(made));
    }
  }
}

}  // namespace

Test default_test(const doc::Node& written, const Folder& folder, Notes& notes) {
  if (written.is_map()) return Reader(folder, notes).one(written);
  if (!written.is_string()) return {};
  const auto path = file_uri(written.as_string()).value_or(written.as_string());
  const auto node = folder.parse(path);
  if (node && node->is_map()) return Reader(folder, notes).one(*node);
  notes.lost(written.at(), "`defaultTest`", node ? "`" + path + "` holds no map" : node.error().front().message);
  return {};
}

std::vector<Test> tests_of(const doc::Node& config, const Test& common, const Folder& folder, Notes& notes) {
  Reader reader(folder, notes);
  std::vector<Test> written;
  const auto* tests = config.find("tests");
  if (tests) written = reader.all(*tests);
  const auto* scenarios = config.find("scenarios");
  if (scenarios && scenarios->is_list()) {
    for (const auto& scenario : scenarios->items()) {
      const auto* parts = scenario.find("config");
      const auto* inner = scenario.find("tests");
      if (!parts || !inner) {
        notes.lost(scenario.at(), "this scenario", "it has no `config` and `tests`, or is in another file");
        continue;
      }
      const auto each = reader.all(*inner);
      for (const auto& part : reader.all(*parts)) {
        for (const auto& test : each) written.push_back(merged(part, test));
      }
    }
  }
  if (!tests && !scenarios) written.emplace_back().at = config.at();
  auto under = common;
  under.assertions.clear();
  std::vector<Test> out;
  for (const auto& test : written) expand(merged(under, test), out);
  for (auto& test : out) render_variables(test);
  return out;
}

}  // namespace llmops::migrate::promptfoo

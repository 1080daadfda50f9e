#include "doc/yaml.h"

#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <sstream>
#include <utility>

#include "doc/yaml_builder.h"
#include "doc/yaml_syntax.h"
#include "doc/yaml_text.h"

namespace llmops::doc {
namespace {

/// Notes where a document starts, and forgets what is in it.
struct StartOfDocument : YAML::EventHandler {
  std::optional<YAML::Mark> start;

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (!start) start = mark;
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t, const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}
};

void refuse_further_documents(YAML::Parser& parser, YamlText& text, std::vector<Error>& errors) {
  StartOfDocument further;
  try {
    parser.HandleNextDocument(further);
  } catch (const YAML::Exception&) {
    if (!further.start) throw;
  }
  if (!further.start) return;
  const auto byte = static_cast<std::size_t>(further.start->pos);
  const auto at = text.place(byte);
  if (text.rest_of_line(byte).starts_with("---")) {
    errors.push_back(
        invalid_error("a second document starts here, expected one in a file", at, "put it into a file of its own"));
  } else {
    errors.push_back(invalid_error("found text after the end of the document", at,
                                   "check the indentation: is this line part of the value before it?"));
  }
}

bool before(const Error& a, const Error& b) {
  return std::pair(a.at.line, a.at.column) < std::pair(b.at.line, b.at.column);
}

/// Where the parser stopped is where the text went wrong: what was found behind that is a consequence, and what was
/// found before it in the same words on the same line is the cause.
void add_syntax_error(Error stopped, std::vector<Error>& errors) {
  std::erase_if(errors, [&](const Error& error) { return before(stopped, error); });
  const auto same = [&](const Error& error) {
    return error.at.line == stopped.at.line && error.message == stopped.message;
  };
  if (std::none_of(errors.begin(), errors.end(), same)) errors.push_back(std::move(stopped));
}

void run_parser(YamlText& text, YamlBuilder& builder) {
  std::istringstream stream{std::string(text.text())};
  try {
    YAML::Parser parser(stream);
    if (parser.HandleNextDocument(builder)) refuse_further_documents(parser, text, builder.errors());
  } catch (const YamlBuilder::Abandoned&) {
    return;
  } catch (const YAML::Exception& failure) {
    if (!builder.found_bare_expression()) add_syntax_error(syntax_error(failure, text, builder), builder.errors());
  } catch (const std::exception& failure) {
    builder.errors().push_back(invalid_error(std::string("this is no YAML: ") + failure.what(), {text.source(), 0, 0}));
  }
}

}  // namespace

Result<Node, Errors> parse_yaml(std::string name, std::string text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
  const auto source = std::make_shared<const SourceText>(SourceText{std::move(name), std::move(text)});
  if (auto refused = refuse_text(source)) return *std::move(refused);
  YamlText marked(source);
  YamlBuilder builder(marked);
  run_parser(marked, builder);
  auto& errors = builder.errors();
  if (errors.empty()) return std::move(builder.root());
  std::stable_sort(errors.begin(), errors.end(), before);
  return std::move(errors);
}

}  // namespace llmops::doc

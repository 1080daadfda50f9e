// Answers the groups of the JSON-Schema-Test-Suite: suite draft7|draft2020-12 FILE… prints one JSON object for each
// test,
// {"file", "group", "test", "expected", "valid"}, with "error" in place of "valid" where there is no answer.
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

#include "doc/json.h"
#include "score/json_schema/validator.h"

namespace {

using namespace llmops;
using score::json_schema::Draft;
using score::json_schema::Validator;

doc::Node answer(const Result<Validator, Errors>& validator, const doc::Node& value) {
  if (!validator) return doc::Node::map({{"error", validator.error().front().message}});
  const auto violation = validator->validate(value);
  if (!violation) return doc::Node::map({{"error", violation.error().message}});
  auto out = doc::Node::map({{"valid", !violation->has_value()}});
  if (*violation) out["message"] = (*violation)->text();
  return out;
}

bool run(const std::string& path, Draft draft) {
  std::ifstream file(path, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const auto groups = doc::parse_json(path, text);
  if (!groups) {
    std::cerr << render(groups.error());
    return false;
  }
  for (const auto& group : groups->items()) {
    const auto validator = Validator::compile(*group.find("schema"), draft);
    for (const auto& test : group.find("tests")->items()) {
      auto out = answer(validator, *test.find("data"));
      out["file"] = path;
      out["group"] = group.get("description", "");
      out["test"] = test.get("description", "");
      out["expected"] = test.get("valid", false);
      std::cout << doc::to_json(out) << '\n';
    }
  }
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string draft = argc > 2 ? argv[1] : "";
  if (draft != "draft7" && draft != "draft2020-12") {
    std::cerr << "usage: suite draft7|draft2020-12 FILE…\n";
    return 2;
  }
  bool good = true;
  for (int i = 2; i < argc; ++i) good = run(argv[i], draft == "draft7" ? Draft::draft7 : Draft::draft2020_12) && good;
  return good ? 0 : 1;
}

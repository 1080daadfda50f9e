// Small answers against a schema of 20 properties: bench-json_schema [ANSWERS]. Prints microseconds an answer for
// reading the JSON and for validating it, and for one in five that does not fit.
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include "doc/json.h"
#include "score/json_schema/validator.h"

using namespace llmops;
using score::json_schema::Validator;

namespace {

constexpr std::size_t kProperties = 20;

/// Strings, numbers, enums, a list and a nested object in turn; half are required.
doc::Node schema() {
  auto properties = doc::Node::map(), required = doc::Node::list();
  const char* kinds[] = {
      R"({"type": "string", "minLength": 1, "maxLength": 40})",
      R"({"type": "integer", "minimum": 0})",
      R"({"enum": ["open", "closed", "waiting"]})",
      R"({"type": "array", "items": {"type": "number", "multipleOf": 0.01}, "maxItems": 5})",
      R"({"type": "object", "properties": {"id": {"type": "string", "pattern": "^[a-z]+-[0-9]+$"}}, "required": ["id"]})",
  };
  for (std::size_t i = 0; i < kProperties; ++i) {
    const auto name = "property_" + std::to_string(i);
    properties[name] = *doc::parse_json_data(kinds[i % 5]);
    if (i % 2 == 0) required.push_back(name);
  }
  return doc::Node::map(
      {{"type", "object"}, {"required", required}, {"properties", properties}, {"additionalProperties", false}});
}

/// About 500 bytes; every fifth breaks the schema near its end.
std::string answer(std::size_t number) {
  auto out = doc::Node::map();
  for (std::size_t i = 0; i < kProperties; ++i) {
    auto& value = out["property_" + std::to_string(i)];
    if (i % 5 == 0) value = "some words " + std::to_string(number);
    if (i % 5 == 1) value = static_cast<std::int64_t>(number + i);
    if (i % 5 == 2) value = number % 5 == 0 && i == 17 ? "lost" : "waiting";
    if (i % 5 == 3)
      value = doc::Node(doc::List{doc::Node(19.99), doc::Node(static_cast<std::int64_t>(number)), doc::Node(0.07)});
    if (i % 5 == 4) value = doc::Node::map({{"id", "item-" + std::to_string(number)}});
  }
  return doc::to_json(out);
}

double microseconds(const std::function<void()>& work) {
  const auto began = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - began).count();
}

}  // namespace

int main(int argc, char** argv) {
  const auto count = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 100'000ul;
  const auto validator = Validator::compile(schema());
  if (!validator || count == 0) return 1;
  std::vector<std::string> answers;
  for (std::size_t i = 0; i < count; ++i) answers.push_back(answer(i));

  std::size_t fitting = 0;
  double reading = 0, validating = 0;
  for (const auto& text : answers) {  // As a scorer does: one after the other.
    Result<doc::Node> value = doc::Node();
    reading += microseconds([&] { value = doc::parse_json_data(text); });
    validating += microseconds([&] {
      const auto violation = validator->validate(*value);
      fitting += violation && !*violation ? 1u : 0u;
    });
  }
  const auto each = static_cast<double>(count);
  std::printf("%lu answers of %zu bytes, %zu fit: reading %.2f µs, validating %.2f µs an answer\n", count,
              answers.front().size(), fitting, reading / each, validating / each);
  return fitting == count - (count + 4) / 5 ? 0 : 1;
}

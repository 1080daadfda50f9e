#include "step/prompt_fields.h"

#include <algorithm>

#include "base/text.h"

namespace llmops::step {
namespace {

std::vector<std::string> fields_of(const asset::Case& one) {
  std::vector<std::string> out;
  for (const auto& entry : one.fields.entries()) out.push_back(entry.key);
  return out;
}

}  // namespace

Errors check_prompt_fields(const prompt::Prompt& prompt, const asset::Cases& cases, const std::string& dataset) {
  struct Wanted {
    std::string field;
    SourcePos at;
    std::size_t missing = 0;
    std::string first;  ///< The first case that lacks it.
  };
  std::vector<Wanted> wanted;
  for (const auto& [field, at] : prompt.case_fields()) wanted.push_back({field, at, 0, {}});
  if (wanted.empty()) return {};
  std::vector<std::string> known;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const auto one = cases.at(i);
    if (!one) continue;
    if (i == 0) known = fields_of(*one);
    for (auto& field : wanted) {
      if (one->fields.find(field.field)) continue;
      if (field.missing++ == 0) field.first = one->id;
    }
  }
  Errors out;
  for (const auto& field : wanted) {
    if (field.missing == cases.size()) {
      out.push_back(invalid_error("`" + field.field + "` is not a field of the dataset `" + dataset + "`", field.at,
                                  text::did_you_mean(field.field, known)));
    } else if (field.missing > 0) {
      out.push_back(invalid_error(
          "the case `" + field.first + "` of the dataset `" + dataset + "` has no `" + field.field + "`" +
              (field.missing > 1 ? ", nor have " + std::to_string(field.missing - 1) + " others" : std::string()),
          field.at, "add it, or give it a default: `{{ " + field.field + " | default('') }}`"));
    }
  }
  return out;
}

}  // namespace llmops::step

#include "cli/data_check.h"

#include <algorithm>
#include <map>

#include "asset/cases.h"
#include "step/prompt_fields.h"

namespace llmops::cli {
void append_new(Errors& to, const Errors& from) {
  for (const auto& error : from) {
    if (std::find(to.begin(), to.end(), error) == to.end()) to.push_back(error);
  }
}

Errors check_data(sys::FileSystem& files, const recipe::Step& step, const step::Inputs& inputs) {
  Errors errors;
  std::map<std::string, asset::Cases> at_hand;
  for (const auto& [name, dataset] : inputs.datasets) {
    const auto stat = files.stat(dataset.file);
    if (!stat || stat->kind != sys::FileKind::regular) continue;
    auto cases = asset::Cases::open(files, dataset.file, dataset.path, dataset.fields);
    if (!cases) {
      append_new(errors, cases.error());
      continue;
    }
    for (const auto& [_, prompt] : inputs.prompts) {
      append_new(errors, step::check_prompt_fields(*prompt.prompt, *cases, name));
    }
    at_hand.emplace(name, *std::move(cases));
  }
  append_new(errors, step.kind->check_cases(step.config, at_hand));
  return errors;
}

}  // namespace llmops::cli

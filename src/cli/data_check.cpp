#include "cli/data_check.h"

#include <algorithm>
#include <map>

#include "asset/cases.h"
#include "base/text.h"

namespace llmops::cli {
namespace {

Errors check_fields(const prompt::Prompt& prompt, const asset::Case& one, const std::string& dataset) {
  Errors errors;
  std::vector<std::string> known;
  for (const auto& entry : one.fields.entries()) known.push_back(entry.key);
  for (const auto& [field, at] : prompt.case_fields()) {
    if (one.fields.find(field)) continue;
    errors.push_back(invalid_error("`" + field + "` is not a field of the dataset `" + dataset + "`", at,
                                   text::did_you_mean(field, known)));
  }
  return errors;
}

}  // namespace

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
    auto cases = asset::Cases::open(files, dataset.file, dataset.path, {dataset.expected, dataset.id, dataset.cluster});
    if (!cases) {
      append_new(errors, cases.error());
      continue;
    }
    if (const auto one = cases->at(0)) {
      for (const auto& [_, prompt] : inputs.prompts) append_new(errors, check_fields(*prompt.prompt, *one, name));
    }
    at_hand.emplace(name, *std::move(cases));
  }
  append_new(errors, step.kind->check_cases(step.config, at_hand));
  return errors;
}

}  // namespace llmops::cli

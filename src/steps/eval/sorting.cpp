#include "steps/eval/sorting.h"

#include <algorithm>

namespace llmops::steps::eval {

Sorting::Sorting(std::string metric, std::vector<std::string> labels)
    : classes_{std::move(metric), std::move(labels)} {}

std::uint32_t Sorting::number_of(const std::string& label) {
  const auto [place, added] = numbers_.try_emplace(label, static_cast<std::uint32_t>(numbers_.size()));
  if (added) expected_.push_back(false);
  return place->second;
}

void Sorting::add(score::CaseResult& result, std::size_t classes, const score::Labels& labels) {
  if (result.classes.size() <= classes) result.classes.resize(classes + 1);
  auto& one = result.classes[classes];
  one.expected = number_of(labels.expected);
  one.answered.push_back(number_of(labels.answered));
  expected_[one.expected] = true;
}

score::Classes Sorting::finish() {
  auto& labels = classes_.labels;
  if (labels.empty()) {
    for (const auto& [label, number] : numbers_) {
      if (expected_[number]) labels.push_back(label);
    }
  }
  places_.resize(numbers_.size());
  for (const auto& [label, number] : numbers_) {
    places_[number] = static_cast<std::uint32_t>(std::find(labels.begin(), labels.end(), label) - labels.begin());
  }
  return classes_;
}

void Sorting::settle(score::CaseClasses& one) const {
  one.expected = places_.empty() ? 0 : places_[one.expected];
  for (auto& answered : one.answered) answered = places_[answered];
}

}  // namespace llmops::steps::eval

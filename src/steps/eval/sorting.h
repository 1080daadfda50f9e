#pragma once
/// \file  What cases are and are said to be, while answers come in. Private to evals.
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "score/results.h"

namespace llmops::steps::eval {

/// The cases of one scorer that sorts into classes: their labels get numbers as they come, and their places at the end,
/// when it is known which classes there are.
class Sorting {
 public:
  /// `labels`: those there are; empty: those that cases expect, in the order of their texts.
  Sorting(std::string metric, std::vector<std::string> labels);

  /// One answer to a case; `classes` is this scorer's place in its `classes`.
  void add(score::CaseResult& result, std::size_t classes, const score::Labels& labels);
  /// No more answers come.
  score::Classes finish();
  /// After `finish`: from numbers to places.
  void settle(score::CaseClasses& one) const;

 private:
  std::uint32_t number_of(const std::string& label);

  score::Classes classes_;
  std::map<std::string, std::uint32_t> numbers_;
  std::vector<bool> expected_;         ///< By number.
  std::vector<std::uint32_t> places_;  ///< By number.
};

}  // namespace llmops::steps::eval

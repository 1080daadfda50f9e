#pragma once
/// \file  How far a judge agrees with people about the same answers. Pure.
#include <map>
#include <optional>
#include <string>

#include "score/agreement.h"
#include "score/results.h"

namespace llmops::score {

/// A judge against people. Labels are `right` and `wrong`; the rows of a confusion are the judge's.
struct Calibration {
  std::size_t n = 0;                   ///< Cases that both have judged.
  std::size_t not_labelled = 0;        ///< Cases that only the judge has.
  std::size_t not_judged = 0;          ///< Cases that people have and the judge could not score.
  std::size_t unknown = 0;             ///< Labels of cases that were never asked.
  std::optional<Threshold> threshold;  ///< Of a graded judge: what agrees best; the rest is said of it.
  Confusion confusion;
  Agreement agreement;
  std::optional<Kappa> kappa;  ///< Its interval is BCa's for fewer than 50 cases; nothing where it is not defined.
};

/// What people say of a case, by its id: whether the answer is right.
using People = std::map<std::string, bool>;

/// A binary metric passes at 1, one that averages several answers above 0.5; a graded one from its best threshold on.
Calibration calibrate(const CellMetric& judge, const MetricInfo& metric, const People& people);

/// `{"n","not_labelled","not_judged","unknown_labels","threshold","agreement","kappa","confusion"}`.
doc::Node to_node(const Calibration& calibration);

}  // namespace llmops::score

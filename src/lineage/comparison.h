#pragma once
/// \file  Two measured runs side by side: what differs, by how much, and in which cases. Pure.
#include <optional>
#include <string>
#include <vector>

#include "doc/node.h"
#include "lineage/measured.h"
#include "score/comparison.h"

namespace llmops::lineage {

/// A metric of a cell on both sides.
struct ComparedMetric {
  std::string of;  ///< `model/prompt`; `a/x → b/y` where two different cells are compared.
  std::string step_a, step_b;
  score::Comparison numbers;
  std::optional<double> p_adjusted;  ///< Holm over all rows that have a p.
};

/// A case whose score changed, or that could be scored on one side only.
struct Flip {
  std::string of, metric, case_id;
  std::vector<std::pair<std::string, std::string>> fields;  ///< The case's short ones, as `b` has them.
  std::optional<double> a, b;                               ///< Scores; nothing where there is none.
  std::string error_a, error_b;
  struct Answer {
    std::size_t step = 0, cell = 0;  ///< Where in `Side::steps`, and the cell's number within the answers' file.
    std::optional<Digest> digest;
  };
  Answer answer_a, answer_b;
};

/// Something both sides rest on that is not the same.
struct Difference {
  std::string what;           ///< `prompt fewshot`, `model small`, `dataset golden`, `scorers of compare`.
  std::string before, after;  ///< git blob ids or digests.
  bool blobs = false;         ///< Both are texts that git has, so that lines can be compared.
};

/// Two cells whose cases are compared: where they are in `Side::steps`, and their numbers within the step.
struct ComparedCells {
  std::string of;  ///< As in `ComparedMetric`.
  std::size_t step_a = 0, cell_a = 0;
  std::size_t step_b = 0, cell_b = 0;
};

struct ComparedRuns {
  std::vector<ComparedCells> pairs;
  std::vector<ComparedMetric> metrics;
  std::vector<Flip> flips;  ///< Of binary metrics, and graded ones that moved by half; worst first, b below a.
  std::vector<Difference> differences;
  std::vector<std::string> notes;  ///< What a reader must know, a sentence each.
};

/// Cells of one name in steps of one id are paired; where each side means one cell alone, these two. Errors of kind
/// `usage`: nothing is on both sides, or no case is.
Result<ComparedRuns> compare(const Side& a, const Side& b, const score::ComparisonOptions& options);

}  // namespace llmops::lineage

#pragma once
/// \file  Which cases of its dataset an eval asks.
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "asset/cases.h"
#include "schema/record.h"

namespace llmops::steps::eval {

/// What a recipe may write under `cases:`.
struct CaseFilter {
  std::vector<schema::Placed<std::string>> only;  ///< Ids, or patterns of them.
  std::vector<std::string> among;                 ///< Ids or patterns that must match as well; the command line's.
  std::map<std::string, std::string> where;       ///< Fields with these texts.
  std::optional<std::int64_t> sample;             ///< So many of what is left, drawn by `seed`.
  std::int64_t seed = 1;
  bool empty() const { return only.empty() && among.empty() && where.empty() && !sample; }
};
const schema::Record<CaseFilter>& record_of(CaseFilter*);

/// The cases that pass, in their order. A sample is those whose SHA-256 of seed and id is least: cases added to a
/// dataset later change little of it. Errors (kind `invalid`): an id in `only` that no case has, no case left.
Result<asset::Cases, Errors> filtered(const asset::Cases& cases, const CaseFilter& filter, const SourcePos& at);

}  // namespace llmops::steps::eval

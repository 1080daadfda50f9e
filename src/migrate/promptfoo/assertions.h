#pragma once
/// \file  Assertions as scorers. Private to this room.
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "migrate/folder.h"
#include "migrate/notes.h"

namespace llmops::migrate::promptfoo {

/// What assertions of one case have in common.
struct AssertionContext {
  const Folder& folder;
  Notes& notes;
  const doc::Node* variables = nullptr;  ///< Of the case, to render values with; null where it is any case.
  std::string transform;                 ///< Jinja over `output`, of the case's own `options.transform`.
  std::set<std::string>* fields;         ///< Fields of a case that settings read join these.
  bool* judged;                          ///< Set where a judge is asked.
  /// Whether a threshold over all scores counts, and not whether each one passes.
  bool graded = false;
};

/// The scorer, as a recipe has it under `scorers:`; nothing where it can't be carried, which is noted. Every scorer
/// given passes the recipe language's own checks.
std::optional<doc::Node> scorer_of(const doc::Node& assertion, const AssertionContext& context);

/// The assertion that a cell of a CSV file or a short form means: `contains: x`, `similar(0.8): y`, a bare text.
doc::Node assertion_of(const std::string& text, const SourcePos& at);

/// A JavaScript expression over `output` as Jinja, where it is one of trimming, case and picking; else nothing.
std::optional<std::string> transform_of(const std::string& code);

}  // namespace llmops::migrate::promptfoo

#pragma once
/// \file  What several reports' pages are made of. Private to this room.
#include <string>
#include <utility>
#include <vector>

#include "doc/node.h"
#include "report/html/chart.h"
#include "report/html/markup.h"

namespace llmops::report {

/// A status or a decision as a word with a sign and a colour: `✓ pass`, `✗ failed`, `? inconclusive`, `– skipped`.
Markup badge(std::string_view word);

/// `n` where it is a number, else `otherwise`.
std::string count_text(const doc::Node* n, std::string_view otherwise);

/// An id in full where a pointer rests on it, shortened in print: commits, digests.
Markup id_text(std::string_view id);

/// Names and what they are, as a definition list.
Markup facts(const std::vector<std::pair<std::string, Markup>>& rows);

/// A part of the page that can be linked to; empty: it is left out.
struct Section {
  std::string id, title;
  Markup inner;
};
/// A page's head, links to its sections, and these.
Markup body_of(const Markup& head, const std::vector<Section>& sections);

struct Heading {
  std::string text;
  enum class Kind {
    name,
    number,  ///< Aligned at its end, never broken.
    prose,   ///< Sentences: wide enough to be read.
  } kind = Kind::name;
};

/// A table that scrolls by itself where the page is narrower. The first cell of a row is its heading.
class Table {
 public:
  /// `caption` says what the table shows, for those who can't see it.
  Table(std::string caption, std::vector<Heading> headings);
  void row(const std::vector<Markup>& cells);
  /// The rows that follow belong together, under this title.
  void part(const Markup& title);
  Markup markup() const;

 private:
  std::string caption_;
  std::vector<Heading> headings_;
  Markup parts_, rows_;
};

/// The numbers of a document's metric, `keys` naming value, low and high; nothing where one is not known, or none that
/// can be drawn.
struct EstimateKeys {
  const char *value = "value", *low = "low", *high = "high";
};
std::optional<Estimate> estimate_of(const doc::Node& metric, const EstimateKeys& keys = {});

/// The place where the script shows the cases, and a word for those without it. Empty where there are none.
Section cases_section(std::size_t tables);

}  // namespace llmops::report

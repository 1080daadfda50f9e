#pragma once
/// \file  Runs and metrics in one line. Private to this room.
#include <string>
#include <string_view>
#include <vector>

#include "doc/node.h"

namespace llmops::lineage {

/// One line, safe on a terminal: control characters are shown, line breaks become spaces; at most `width` code points.
std::string one_line(std::string_view text, std::size_t width);

/// `small/guided`, or the model alone.
std::string cell_of(const doc::Node& metric);
/// `accuracy small/guided 0.667 [0.60, 0.73] n=240`; empty where nothing was measured.
std::string metric_line(const doc::Node& metric);

/// The most telling metrics of a run's document: those that its gates asked for and of the cell they chose; without
/// gates the first ones. They live as long as `document`.
std::vector<const doc::Node*> telling_metrics(const doc::Node& document, std::size_t most);

/// `llmops support-triage@dev passed: accuracy small/guided 0.667 [0.60, 0.73] n=240; gate pass (run 01K…)`: at most
/// 200 code points, from a run's document.
std::string note_of(const doc::Node& document);

}  // namespace llmops::lineage

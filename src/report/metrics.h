#pragma once
/// \file  Metrics and gates as people read them.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "doc/node.h"
#include "report/console.h"

namespace llmops::report {

/// A table of metrics: metric, cell, n, value, two-sided 95 % interval, errors, and
/// how many answers were not asked now but cached. Each line is indented by `indent` spaces.
std::string metrics_table(const std::vector<doc::Node>& metrics, Colour colour, std::size_t indent);

/// A gate: what was selected, and each requirement with its decision and reason.
std::string gate_text(const doc::Node& gate, Colour colour, std::size_t indent);

/// What a requirement of a gate asks: `accuracy of small/terse ≥ 0.55`.
std::string requirement_text(const doc::Node& row);

/// A value with its unit: `0.667`, `812 ms`, `$0.00042`.
std::string value_text(double value, std::string_view unit);
/// The same of a document's metric; a dash where it is not known.
std::string value_text(const doc::Node& metric, const char* key);
/// With `+` in front where it is above 0.
std::string signed_text(const doc::Node& metric, const char* key);

/// `[0.605, 0.723]`, or a dash where there is none.
std::string interval_text(const doc::Node& metric);

/// `0.012`, `0.0004`, `< 0.0001`; a dash where there is none.
std::string p_text(std::optional<double> p);

/// `model/prompt`, or the model alone.
std::string cell_of(const doc::Node& metric);

}  // namespace llmops::report

#pragma once
/// \file  The forms of a report: one function each, picked by a file's ending.
#include <optional>
#include <string>
#include <string_view>

#include "report/run_view.h"

namespace llmops::report {

/// JUnit XML, as CI systems read it: a suite for each cell of each eval and for each gate. A case is named by its text;
/// its failure gives expected and actual. A failed query is an error, never a failure.
std::string junit(const RunView& run);

/// For a pull request: how it ended, gates, metrics with their intervals, the first failures. What came from a model or
/// a dataset is escaped: it can neither format, link, mention anybody nor hold HTML.
std::string markdown(const RunView& run);

/// RFC 4180, a header and a row for each answer (or failed query): step, model, prompt, case, repeat, expected, output,
/// error, cached, latency_ms, cost_usd, and a column for each metric with the case's score. Texts that a spreadsheet
/// would take for a formula get an apostrophe in front.
std::string csv(const RunView& run);

/// One file that a browser opens without a network: how it ended, gates, metrics, distributions, plots, where it all
/// came from, and every case with its answers, to search, filter and sort. What came from a model or a dataset is text
/// there, and never runs; a text that is very long is cut, and the page says so. Equal runs give equal bytes.
std::string html(const RunView& run);

/// What can be asked for by a file's ending.
enum class Form { html, junit, markdown, csv, json };
/// `.html`, `.junit.xml`, `.md`, `.csv`, `.json`; nothing for others.
std::optional<Form> form_of(std::string_view path);
/// The endings, for messages.
std::string form_endings();
std::string report_text(Form form, const RunView& run);

}  // namespace llmops::report

#include "report/report_file.h"

#include <array>
#include <utility>

#include "base/text.h"
#include "doc/json.h"

namespace llmops::report {
namespace {

constexpr std::array<std::pair<std::string_view, Form>, 5> kForms = {{{".html", Form::html},
                                                                      {".junit.xml", Form::junit},
                                                                      {".md", Form::markdown},
                                                                      {".csv", Form::csv},
                                                                      {".json", Form::json}}};

}  // namespace

std::optional<Form> form_of(std::string_view path) {
  for (const auto& [ending, form] : kForms) {
    if (path.ends_with(ending)) return form;
  }
  return std::nullopt;
}

std::string form_endings() {
  std::vector<std::string> out;
  for (const auto& [ending, form] : kForms) out.push_back("`" + std::string(ending) + "`");
  return text::join(out, ", ");
}

std::string report_text(Form form, const RunView& run) {
  switch (form) {
    case Form::html:
      return html(run);
    case Form::junit:
      return junit(run);
    case Form::markdown:
      return markdown(run);
    case Form::csv:
      return csv(run);
    case Form::json:
      break;
  }
  return doc::to_pretty_json(run.document) + "\n";
}

}  // namespace llmops::report

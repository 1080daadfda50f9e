#include "report/html/parts.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace llmops::report {
namespace {

struct Look {
  std::string_view word, sign, tone;
};

constexpr std::array<Look, 14> kLooks = {{{"pass", "✓", "good"},
                                          {"passed", "✓", "good"},
                                          {"ran", "✓", "good"},
                                          {"cached", "=", "good"},
                                          {"better", "▲", "good"},
                                          {"fail", "✗", "bad"},
                                          {"failed", "✗", "bad"},
                                          {"error", "!", "bad"},
                                          {"worse", "▼", "bad"},
                                          {"inconclusive", "?", "open"},
                                          {"interrupted", "?", "open"},
                                          {"uncommitted changes", "!", "open"},
                                          {"part of the recipe", "!", "open"},
                                          {"open", "?", "plain"}}};

std::string class_of(const Heading& heading) {
  switch (heading.kind) {
    case Heading::Kind::number:
      return "number";
    case Heading::Kind::prose:
      return "prose";
    case Heading::Kind::name:
      break;
  }
  return "name";
}

}  // namespace

Markup badge(std::string_view word) {
  const auto* found = std::find_if(kLooks.begin(), kLooks.end(), [&](const Look& look) { return look.word == word; });
  const auto look = found == kLooks.end() ? Look{word, "–", "plain"} : *found;
  return element("span", {{"class", "badge " + std::string(look.tone)}},
                 element("span", {{"aria-hidden", "true"}}, look.sign) + " " + text::replace_all(word, "_", " "));
}

std::string count_text(const doc::Node* n, std::string_view otherwise) {
  return n && n->is_number() ? n->text() : std::string(otherwise);
}

Markup id_text(std::string_view id) {
  constexpr std::string_view kAlgorithm = "sha256:";
  const bool digest = id.starts_with(kAlgorithm);
  const auto shown = id.substr(digest ? kAlgorithm.size() : 0, 12);
  return element("code", {{"title", std::string(id)}}, shown);
}

Markup facts(const std::vector<std::pair<std::string, Markup>>& rows) {
  Markup out;
  for (const auto& [name, value] : rows) out += element("div", element("dt", name) + element("dd", value));
  return element("dl", {{"class", "facts"}}, out);
}

Markup body_of(const Markup& head, const std::vector<Section>& sections) {
  Markup links, all;
  for (const auto& [id, title, inner] : sections) {
    if (inner.empty()) continue;
    links += element("a", {{"href", "#" + id}}, title) + "\n";
    all += element("section", {{"id", id}, {"aria-labelledby", id + "-title"}},
                   element("h2", {{"id", id + "-title"}}, title) + inner);
  }
  return head + element("nav", {{"aria-label", "Parts of this page"}}, links) + element("main", all);
}

Table::Table(std::string caption, std::vector<Heading> headings)
    : caption_(std::move(caption)), headings_(std::move(headings)) {}

void Table::row(const std::vector<Markup>& cells) {
  Markup out;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const auto kind = class_of(headings_[i]);
    out += i == 0 ? element("th", {{"scope", "row"}, {"class", kind}}, cells[i])
                  : element("td", {{"class", kind}}, cells[i]);
  }
  rows_ += element("tr", out) + "\n";
}

void Table::part(const Markup& title) {
  if (!rows_.empty()) parts_ += element("tbody", rows_);
  const auto all = std::to_string(headings_.size());
  rows_ = element("tr", element("th", {{"scope", "rowgroup"}, {"colspan", all}}, title)) + "\n";
}

Markup Table::markup() const {
  Markup head;
  for (const auto& heading : headings_) {
    head += element("th", {{"scope", "col"}, {"class", class_of(heading)}}, heading.text);
  }
  const auto body = rows_.empty() ? parts_ : parts_ + element("tbody", rows_);
  return element("div", {{"class", "scroll"}, {"role", "region"}, {"tabindex", "0"}, {"aria-label", caption_}},
                 element("table", element("thead", element("tr", head)) + "\n" + body)) +
         "\n";
}

std::optional<Estimate> estimate_of(const doc::Node& metric, const EstimateKeys& keys) {
  const auto number = [&](const char* key) -> std::optional<double> {
    const auto* found = metric.find(key);
    if (!found || !found->is_number() || !can_be_drawn(found->as_double())) return std::nullopt;
    return found->as_double();
  };
  const auto value = number(keys.value), low = number(keys.low), high = number(keys.high);
  if (!value || !low || !high) return std::nullopt;
  return Estimate{*value, *low, *high};
}

Section cases_section(std::size_t tables) {
  if (tables == 0) return {};
  return {
      "cases", "Cases",
      element("noscript", element("p",
                                  "Listing, searching and comparing cases needs JavaScript. A report that ends with "
                                  ".csv has them as a table.")) +
          element("div", {{"id", "case-browser"}}, {})};
}

}  // namespace llmops::report

#include "lineage/wording.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <vector>

#include "base/text.h"

namespace llmops::lineage {
namespace {

constexpr std::size_t kNoteWidth = 200, kNameWidth = 40;

/// Fewer decimals for large values, more digits for tiny ones.
std::string figure(double value, int decimals) {
  const double size = std::fabs(value);
  std::array<char, 64> buffer{};
  const auto write = [&](std::chars_format format, int precision) {
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, format, precision);
    return end.ec == std::errc() ? std::string(buffer.data(), end.ptr) : text::from_double(value);
  };
  if (size > 0 && (size < 0.01 || size >= 1e9)) return write(std::chars_format::general, 3);
  return write(std::chars_format::fixed, size >= 100 ? 0 : size >= 10 ? 1 : decimals);
}

std::vector<const doc::Node*> children(const doc::Node& node, std::string_view key) {
  std::vector<const doc::Node*> out;
  const auto* list = node.find(key);
  if (!list || !list->is_list()) return out;
  for (const auto& item : list->items()) out.push_back(&item);
  return out;
}

std::vector<const doc::Node*> metrics_of(const doc::Node& document) {
  std::vector<const doc::Node*> out;
  for (const auto* step : children(document, "steps")) {
    for (const auto* metric : children(*step, "metrics")) {
      if (metric->get("n", 0) > 0) out.push_back(metric);
    }
  }
  return out;
}

/// What gates of a run looked at: metrics and cells, in order.
struct Asked {
  std::vector<std::pair<std::string, std::string>> pairs;
  std::vector<std::string> selected;
};

Asked asked_by_gates(const doc::Node& document) {
  Asked out;
  for (const auto* step : children(document, "steps")) {
    const auto* gate = step->find("gate");
    if (!gate) continue;
    if (const auto selected = gate->get("selected", ""); !selected.empty()) out.selected.push_back(selected);
    for (const auto* requirement : children(*gate, "requirements")) {
      out.pairs.emplace_back(requirement->get("metric", ""), requirement->get("of", ""));
    }
  }
  return out;
}

bool is_selected(const Asked& asked, const doc::Node& metric) {
  return std::find(asked.selected.begin(), asked.selected.end(), cell_of(metric)) != asked.selected.end();
}

/// What stopped a run, then what its gates said.
std::vector<std::string> verdicts_of(const doc::Node& document) {
  std::vector<std::string> stopped, out;
  for (const auto* step : children(document, "steps")) {
    const auto id = step->get("id", ""), kind = step->get("kind", ""), status = step->get("status", "");
    const auto name = kind == id ? id : kind + " " + id;
    if (const auto* gate = step->find("gate"); gate && gate->is_map()) {
      out.push_back(name + " " + gate->get("decision", ""));
    } else if (status == "failed" || status == "error" || status == "inconclusive") {
      stopped.push_back(name + " " + status + ": " + step->get("reason", ""));
    }
  }
  out.insert(out.begin(), stopped.begin(), stopped.end());
  return out;
}

}  // namespace

std::string one_line(std::string_view text, std::size_t width) {
  auto out = text::printable(text);
  std::replace_if(
      out.begin(), out.end(), [](char c) { return c == '\n' || c == '\t'; }, ' ');
  return text::shorten(out, width);
}

std::string cell_of(const doc::Node& metric) {
  const auto model = metric.get("model", ""), prompt = metric.get("prompt", "");
  return prompt.empty() ? model : model + "/" + prompt;
}

std::string metric_line(const doc::Node& metric) {
  const auto* value = metric.find("value");
  if (!value || !value->is_number()) return {};
  auto out = metric.get("metric", "");
  if (const auto cell = cell_of(metric); !cell.empty()) out += " " + cell;
  out += " " + figure(value->as_double(), 3);
  const auto *low = metric.find("low"), *high = metric.find("high");
  if (low && high && low->is_number() && high->is_number()) {
    out += " [" + figure(low->as_double(), 2) + ", " + figure(high->as_double(), 2) + "]";
  }
  if (const auto n = metric.get("n", 0); n > 0) out += " n=" + std::to_string(n);
  return one_line(out, kNoteWidth);
}

std::vector<const doc::Node*> telling_metrics(const doc::Node& document, std::size_t most) {
  const auto metrics = metrics_of(document);
  const auto asked = asked_by_gates(document);
  std::vector<const doc::Node*> out;
  const auto take_if = [&](const auto& wanted) {
    for (const auto* metric : metrics) {
      const bool known = std::find(out.begin(), out.end(), metric) != out.end();
      if (out.size() < most && !known && wanted(*metric)) out.push_back(metric);
    }
  };
  for (const auto& pair : asked.pairs) {
    take_if([&](const doc::Node& metric) {
      return metric.get("metric", "") == pair.first && cell_of(metric) == pair.second;
    });
  }
  take_if([&](const doc::Node& metric) { return is_selected(asked, metric); });
  if (out.empty()) take_if([](const doc::Node&) { return true; });
  return out;
}

std::string note_of(const doc::Node& document) {
  const auto head = "llmops " + one_line(document.get("recipe", ""), kNameWidth) + "@" +
                    one_line(document.get("environment", ""), kNameWidth) + " " + document.get("status", "") +
                    (document.get("dirty", false) ? " (dirty)" : "");
  const auto tail = " (run " + one_line(document.get("run", ""), kNameWidth) + ")";
  std::vector<std::string> parts;
  for (const auto* metric : telling_metrics(document, 2)) parts.push_back(metric_line(*metric));
  for (auto& verdict : verdicts_of(document)) parts.push_back(std::move(verdict));
  if (parts.empty()) return head + tail;
  const auto room = kNoteWidth - text::code_points(head).size() - text::code_points(tail).size() - 2;
  const auto width = [&parts] {
    const auto joined = text::join(parts, "; ");
    return text::code_points(joined).size();
  };
  while (parts.size() > 1 && width() > room) {
    parts.erase(parts.size() > 2 ? parts.begin() + 1 : parts.begin());  // A second metric goes first; a verdict stays.
  }
  return head + ": " + one_line(text::join(parts, "; "), room) + tail;
}

}  // namespace llmops::lineage

/// \file  JavaScript over `output` that is simple enough for Jinja.
#include <array>

#include "base/text.h"
#include "migrate/promptfoo/assertions.h"

namespace llmops::migrate::promptfoo {
namespace {

/// A text in quotes at the front of `rest`, taken off it.
std::optional<std::string> take_quoted(std::string_view& rest) {
  rest = text::trim(rest);
  if (rest.empty() || (rest.front() != '\'' && rest.front() != '"')) return std::nullopt;
  const auto end = rest.find(rest.front(), 1);
  if (end == std::string_view::npos || rest.substr(0, end).find('\\') != std::string_view::npos) return std::nullopt;
  auto out = std::string(rest.substr(1, end - 1));
  rest = text::trim(rest.substr(end + 1));
  return out;
}

std::string quoted(const std::string& text) {
  return text.find('"') == std::string::npos ? "\"" + text + "\"" : "'" + text + "'";
}

/// One link of the chain behind `output`, as Jinja put behind `before`; the link is taken off `rest`.
std::optional<std::string> link(const std::string& before, std::string_view& rest) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kFilters = {{
      {".trim()", "trim"},
      {".toLowerCase()", "lower"},
      {".toUpperCase()", "upper"},
      {".toString()", ""},
      {".length", "length"},
  }};
  for (const auto& [method, filter] : kFilters) {
    if (!rest.starts_with(method)) continue;
    rest.remove_prefix(method.size());
    return filter.empty() ? before : "(" + before + " | " + std::string(filter) + ")";
  }
  if (rest.starts_with(".split(")) {
    auto inner = rest.substr(7);
    const auto separator = take_quoted(inner);
    if (!separator || !inner.starts_with(")[")) return std::nullopt;
    const auto end = inner.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    const auto index = text::to_int(inner.substr(2, end - 2));
    if (!index || *index < 0 || separator->find('\\') != std::string::npos) return std::nullopt;
    rest = inner.substr(end + 1);
    return before + ".split(" + quoted(*separator) + ")[" + std::to_string(*index) + "]";
  }
  if (rest.starts_with(".replace(") || rest.starts_with(".replaceAll(")) {
    const bool all = rest.starts_with(".replaceAll(");
    auto inner = rest.substr(rest.find('(') + 1);
    const auto from = take_quoted(inner);
    if (!from || !inner.starts_with(",")) return std::nullopt;
    inner.remove_prefix(1);
    const auto to = take_quoted(inner);
    if (!to || !inner.starts_with(")")) return std::nullopt;
    rest = inner.substr(1);
    return before + ".replace(" + quoted(*from) + ", " + quoted(*to) + (all ? ")" : ", 1)");
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> transform_of(const std::string& code) {
  auto rest = text::trim(code);
  if (rest.starts_with("return ")) rest.remove_prefix(7);
  rest = text::trim(rest);
  if (rest.ends_with(';')) rest.remove_suffix(1);
  rest = text::trim(rest);
  if (rest == "output") return std::string("{{ output }}");
  if (!rest.starts_with("output")) return std::nullopt;
  rest.remove_prefix(6);
  std::string out = "output";
  while (!rest.empty()) {
    auto next = link(out, rest);
    if (!next) return std::nullopt;
    out = *std::move(next);
  }
  if (out.starts_with('(') && out.ends_with(')')) out = out.substr(1, out.size() - 2);
  return "{{ " + out + " }}";
}

}  // namespace llmops::migrate::promptfoo

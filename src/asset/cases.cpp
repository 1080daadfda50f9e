#include "asset/cases.h"

#include <algorithm>
#include <unordered_map>

#include "asset/csv.h"
#include "base/text.h"
#include "doc/json.h"
#include "sys/hash.h"

namespace llmops::asset {
namespace {

constexpr std::size_t kMostErrors = 20;

/// A place in a large file: the source holds only the line that is shown.
SourcePos place(const std::string& name, std::string_view line, std::uint32_t number) {
  auto source = std::make_shared<SourceText>();
  source->name = name;
  source->text = std::string(line.substr(0, 400));
  source->first_line = number;
  return {std::move(source), number, 1};
}

constexpr std::string_view kOneALine = "write each case as one JSON object on a line of its own";

/// Whether the whole file is one JSON list: the form that others give data in.
bool is_one_list(std::string_view text) {
  const auto all = text::trim(text);
  if (!all.starts_with('[') || !all.ends_with(']')) return false;
  const auto node = doc::parse_json_data(all);
  return node && node->is_list();
}

/// What to do about a line that can't be read, where nothing closer is known.
std::string hint_for(const std::string& name, std::string_view text, std::string_view line) {
  if (is_one_list(text)) {
    return "the file is one list: `jq -c '.[]' " + name + "` writes each item on a line of its own";
  }
  const bool last = line.data() + line.size() == text.data() + text.size();
  if (last && line.data() > text.data())
    return "this is the last line: was the file cut short? It has no newline at its end";
  return std::string(kOneALine);
}

SourcePos whole(const std::string& name) { return {std::make_shared<const SourceText>(SourceText{name, {}}), 0, 0}; }

std::optional<Error> open_quote(const std::string& name, std::string_view row, std::uint32_t line) {
  const auto quote = csv_open_quote(row);
  if (!quote) return std::nullopt;
  auto source = std::make_shared<const SourceText>(SourceText{name, std::string(row), line});
  return invalid_error("this quote is never closed", position_at(std::move(source), *quote),
                       "close it; a quote within a quoted field is written twice");
}

std::optional<Error> doubled(const std::string& name, std::string_view row, const std::vector<std::string>& header,
                             std::uint32_t line) {
  for (std::size_t i = 0; i < header.size(); ++i) {
    if (std::find(header.begin(), header.begin() + static_cast<std::ptrdiff_t>(i), header[i]) ==
        header.begin() + static_cast<std::ptrdiff_t>(i))
      continue;
    return invalid_error("the header names `" + header[i] + "` twice", place(name, row, line),
                         "give each column its own name");
  }
  return std::nullopt;
}

}  // namespace

Result<doc::Node> Cases::parse(const Span& span) const {
  const auto written = std::string_view(*text_).substr(span.offset, span.length);
  if (header_.empty()) {
    auto node = doc::parse_json_data(written);
    if (node && node->is_map()) return node;
    if (!node) {
      auto placed = doc::parse_json(name_, std::string(written), span.line);
      auto error = std::move(placed ? node : placed).error();
      if (error.hint.empty()) error.hint = hint_for(name_, *text_, written);
      return error;
    }
    return invalid_error("a case must be an object, found " + std::string(doc::describe(node->kind())),
                         place(name_, written, span.line), hint_for(name_, *text_, written));
  }
  if (auto open = open_quote(name_, written, span.line)) return *std::move(open);
  const auto row = csv_row(written);
  if (row.size() != header_.size()) {
    return invalid_error("this row has " + std::to_string(row.size()) + (row.size() == 1 ? " field" : " fields") +
                             ", the header has " + std::to_string(header_.size()),
                         place(name_, written, span.line),
                         row.size() > header_.size() ? "put fields that hold a comma into double quotes"
                                                     : "a field without a value is nothing between two commas");
  }
  auto node = doc::Node::map();
  for (std::size_t i = 0; i < header_.size(); ++i) {
    node.entries().push_back({header_[i], {}, doc::Node(row[i])});
  }
  return node;
}

Result<Case> Cases::read(const Span& span) const {
  Case out;
  TRY(out.fields, parse(span));
  const auto written = std::string_view(*text_).substr(span.offset, span.length);
  const auto* id = out.fields.find(fields_.id.empty() ? "id" : fields_.id);
  if (id && id->is_scalar() && !id->is_null()) out.id = id->text();
  if (out.id.empty()) out.id = sys::sha256(written).brief();
  const auto missing = [&](const std::string& field) {
    std::vector<std::string> known;
    for (const auto& entry : out.fields.entries()) known.push_back(entry.key);
    return invalid_error("this case has no `" + field + "`", place(name_, written, span.line),
                         text::did_you_mean(field, known));
  };
  if (!id && !fields_.id.empty()) return missing(fields_.id);
  if (!fields_.expected.empty()) {
    const auto* expected = out.fields.find(fields_.expected);
    if (!expected) return missing(fields_.expected);
    if (expected->is_null()) {
      return invalid_error("`" + fields_.expected + "` is " + std::string(doc::describe(expected->kind())) +
                               " in this case, expected what its answer is compared with",
                           place(name_, written, span.line),
                           "give a text, a number, a boolean, or a list or map of them");
    }
    out.expected = expected->text();
  }
  if (!fields_.cluster.empty()) {
    const auto* cluster = out.fields.find(fields_.cluster);
    if (!cluster) return missing(fields_.cluster);
    out.cluster = cluster->text();
  }
  return out;
}

Result<Case> Cases::at(std::size_t index) const { return read(spans_.at(index)); }

Result<doc::Node> Cases::placed(std::size_t index) const {
  const auto& span = spans_.at(index);
  const auto written = std::string_view(*text_).substr(span.offset, span.length);
  if (header_.empty()) return doc::parse_json(name_, std::string(written), span.line);
  TRY(auto node, parse(span));
  const auto at = place(name_, written, span.line);
  for (auto& entry : node.entries()) {
    entry.key_at = at;
    entry.value.set_at(at);
  }
  return node;
}

Cases Cases::subset(const std::vector<std::size_t>& indices) const {
  auto out = *this;
  out.spans_.clear();
  for (const auto index : indices) out.spans_.push_back(spans_.at(index));
  return out;
}

Result<Cases, Errors> Cases::open(sys::FileSystem& files, const sys::Path& file, std::string name, CaseFields fields) {
  TRY(auto bytes, files.read(file));
  Cases out;
  out.name_ = std::move(name);
  out.fields_ = std::move(fields);
  out.text_ = std::make_shared<const std::string>(std::move(bytes));
  const std::string_view text = *out.text_;
  const bool csv = out.name_.ends_with(".csv");
  std::size_t at = text.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  std::uint32_t line = 1;
  bool in_header = csv;
  Errors errors;
  std::unordered_map<std::string, std::uint32_t> seen;
  while (at < text.size() && errors.size() < kMostErrors) {
    const auto end = csv ? csv_row_end(text, at) : std::min(text.find('\n', at), text.size());
    auto written = text.substr(at, end - at);
    const auto lines = 1 + static_cast<std::uint32_t>(std::count(written.begin(), written.end(), '\n'));
    if (written.ends_with('\r')) written.remove_suffix(1);
    const Span span{at, static_cast<std::uint32_t>(written.size()), line};
    at = end + 1;
    line += lines;
    if (text::trim(written).empty()) continue;
    if (const auto bad = text::invalid_utf8(written)) {
      auto source = std::make_shared<const SourceText>(SourceText{out.name_, std::string(written), span.line});
      errors.push_back(invalid_error("byte 0x" + text::to_hex(written.substr(*bad, 1)) + " is not UTF-8",
                                     position_at(std::move(source), *bad), "save the file as UTF-8"));
      continue;
    }
    if (in_header) {
      if (auto open = open_quote(out.name_, written, span.line)) return Errors{*std::move(open)};
      out.header_ = csv_row(written);
      in_header = false;
      if (auto twice = doubled(out.name_, written, out.header_, span.line)) return Errors{*std::move(twice)};
      continue;
    }
    auto read = out.read(span);
    if (!read) {
      errors.push_back(std::move(read).error());
      if (!csv && errors.size() == 1 && is_one_list(text)) break;  // Said once, not of each line.
      continue;
    }
    if (const auto [before, fresh] = seen.emplace(read->id, span.line); !fresh) {
      errors.push_back(invalid_error("the case `" + read->id + "` is already on line " + std::to_string(before->second),
                                     place(out.name_, written, span.line), "give each case its own `id`"));
    }
    out.spans_.push_back(span);
  }
  if (errors.empty() && out.spans_.empty()) {
    errors.push_back(invalid_error("the dataset has no cases", whole(out.name_), "an eval needs at least one"));
  }
  if (!errors.empty()) return errors;
  return out;
}

}  // namespace llmops::asset

#include <deque>
#include <set>

#include "base/text.h"
#include "schema/type.h"
#include "schema/words.h"

namespace llmops::schema {
namespace {

using Kind = Type::Kind;

std::string cell(std::string_view text) { return text::replace_all(text::replace_all(text, "|", "\\|"), "\n", " "); }

std::string row(std::initializer_list<std::string_view> cells) {
  std::string out = "|";
  for (const auto text : cells) out += text.empty() ? " |" : " " + cell(text) + " |";
  return out + "\n";
}

/// The record that a value of this type is made of, through lists, maps and short forms; null where there is none.
const Type* record_in(const Type& type) {
  if (type.kind == Kind::record) return &type;
  return type.item ? record_in(*type.item) : nullptr;
}

std::string anchor(std::string_view title) { return text::replace_all(text::lower(title), " ", "-"); }

/// Writes records breadth first, so that they come in the order of their first mention.
class Pages {
 public:
  std::string write(const Type& root) {
    if (const auto* record = record_in(root)) want(*record, record->name);
    while (!wanted_.empty()) {
      const auto next = wanted_.front();
      wanted_.pop_front();
      write_record(*next.type, next.title);
    }
    return std::move(out_);
  }

 private:
  struct Page {
    const Type* type;
    std::string title;
  };

  void want(const Type& type, const std::string& title) {
    if (seen_.insert(title).second) wanted_.push_back({&type, title});
  }

  void write_record(const Type& type, const std::string& title) {
    if (!out_.empty()) out_ += "\n";
    out_ += "## " + (title.empty() ? std::string("record") : title) + "\n\n";
    if (!type.help.empty()) out_ += type.help + "\n\n";
    if (type.short_form) out_ += "Short form: " + type.short_form->describe() + ".\n\n";
    write_fields(type);
    write_alternatives(type);
  }

  void write_fields(const Type& type) {
    if (type.fields.empty()) return;
    out_ += row({"key", "type", "default", "required", "help"}) + "|---|---|---|---|---|\n";
    for (const auto& field : type.fields) {
      const auto otherwise = field.otherwise ? "`" + field.otherwise->text() + "`" : std::string();
      auto help = field.unit.empty() ? field.help : field.help + " (" + field.unit + ")";
      if (!field.instead.empty()) help += " No effect yet: " + field.instead + ".";
      out_ +=
          row({"`" + field.name + "`", shown(field.type, field.name), otherwise, field.required ? "yes" : "", help});
    }
  }

  void write_alternatives(const Type& type) {
    if (type.alternatives.empty()) return;
    if (!type.fields.empty()) out_ += "\n";
    out_ += "Exactly one of these keys";
    if (!type.prefix.empty()) out_ += ", each also with `" + type.prefix + "` in front";
    if (type.bare_name) out_ += "; where the value is optional, the name alone will do";
    out_ += ":\n\n" + row({"key", "type", "help"}) + "|---|---|---|\n";
    for (const auto& alternative : type.alternatives) {
      auto value = shown(alternative.type, alternative.name);
      if (type.bare_name && !alternative.needs_value) value += " (optional)";
      out_ += row({"`" + alternative.name + "`", value, alternative.help});
    }
  }

  /// The type as text, with a link to the record in it.
  std::string shown(const Type& type, const std::string& key) {
    auto out = type.describe() + bounds(type);
    const auto* record = record_in(type);
    if (!record) return out;
    const auto title = record->name.empty() ? key : record->name;
    want(*record, title);
    return out + " → [" + title + "](#" + anchor(title) + ")";
  }

  static std::string bounds(const Type& type) {
    constexpr double kShownBound = 2147483647;
    const bool sized = type.kind == Kind::list || type.kind == Kind::map;
    std::vector<std::string> out;
    if (type.least && *type.least > -kShownBound) out.push_back("at least " + text::from_double(*type.least));
    if (type.most && *type.most < kShownBound) out.push_back("at most " + text::from_double(*type.most));
    if (out.empty()) return {};
    return ", " + text::join(out, ", ") + (sized ? (type.kind == Kind::list ? " items" : " entries") : "");
  }

  std::deque<Page> wanted_;
  std::set<std::string> seen_;
  std::string out_;
};

}  // namespace

std::string reference(const Type& type) { return Pages().write(type); }

}  // namespace llmops::schema

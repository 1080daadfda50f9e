#include <algorithm>
#include <cmath>
#include <set>

#include "base/digest.h"
#include "base/text.h"
#include "base/units.h"
#include "schema/quantity.h"
#include "schema/type.h"
#include "schema/words.h"

namespace llmops::schema {
namespace {

using Kind = Type::Kind;

/// Where a value stands. Names are put together only when something is wrong.
struct Where {
  const Where* above = nullptr;
  std::string_view key;              ///< Empty for the root and for a list's items.
  std::optional<std::size_t> index;  ///< Of a list's item.
  const SourcePos* at = nullptr;     ///< Known, or null.

  std::string path() const {
    if (index) return (above ? above->path() : std::string()) + "[" + std::to_string(*index) + "]";
    return std::string(key);
  }
};

std::string found(const doc::Node& node) {
  if (!node.is_scalar() || node.is_null()) return std::string(describe(node.kind()));
  const auto text = "`" + text::printable(text::shorten(node.text(), 40)) + "`";
  return node.is_string() ? "the string " + text : text;
}

/// True where the node has the outer form that this type is written in.
bool has_form(const Type& type, const doc::Node& node) {
  if (type.kind == Kind::any) return true;
  if (type.kind == Kind::list) return node.is_list();
  if (type.kind == Kind::map) return node.is_map();
  if (type.kind == Kind::record) return node.is_map() || (type.bare_name && node.is_scalar() && !node.is_null());
  return node.is_scalar() && !node.is_null();
}

bool fits(const Type& type, const doc::Node& node) {
  return has_form(type, node) || (type.short_form && fits(*type.short_form, node));
}

/// How a value of this kind is written, where its description does not say.
std::string example_of(Kind kind) {
  switch (kind) {
    case Kind::integer:
      return "write a whole number, such as `3`";
    case Kind::number:
      return "write a number, such as `0.5`";
    case Kind::boolean:
      return "write `true` or `false`";
    case Kind::duration:
      return "write a number and one of the units `ms`, `s`, `m`, `h`, `d`";
    case Kind::ratio:
      return "write a number from 0 to 1, or a percentage";
    case Kind::bytes:
      return "write a number and one of the units `B`, `kB`, `MB`, `GB`, `KiB`, `MiB`, `GiB`";
    case Kind::digest:
      return "`sha256sum FILE` prints it";
    default:
      return {};
  }
}

std::string hint_for(const Type& type, const doc::Node& node) {
  if (node.is_null()) {
    return type.kind == Kind::map || type.kind == Kind::record ? "write `{}` for an empty map, or remove the key"
                                                               : "give it a value, or remove the key";
  }
  if (type.kind == Kind::list && node.is_scalar())
    return "write it as a list: `[" + text::shorten(node.text(), 40) + "]`";
  if (!node.is_string()) return node.is_scalar() ? example_of(type.kind) : std::string();
  const auto word = text::lower(node.as_string());
  const bool unquoted = type.kind == Kind::boolean   ? word == "true" || word == "false"
                        : type.kind == Kind::integer ? text::to_int(word).has_value()
                        : type.kind == Kind::number  ? text::to_double(word).has_value()
                                                     : false;
  return unquoted ? "remove the quotes" : example_of(type.kind);
}

class Checker {
 public:
  explicit Checker(Late late) : late_(late) {}

  void check(const Type& type, const doc::Node& node, const Where& above) {
    Where where = above;
    if (node.at().known()) where.at = &node.at();
    if (type.nullable && node.is_null()) return;
    if (type.kind == Kind::any || (late_ == Late::allow && holds_expression(node))) return;
    if (has_form(type, node)) {
      check_form(type, node, where);
    } else if (type.short_form && fits(*type.short_form, node)) {
      check(*type.short_form, node, where);
    } else {
      wrong(type, node, where);
    }
  }

  Errors take() { return std::move(errors_); }

 private:
  void check_form(const Type& type, const doc::Node& node, const Where& where) {
    switch (type.kind) {
      case Kind::any:
        return;
      case Kind::string:
        return check_string(type, node, where);
      case Kind::choice:
        return check_choice(type, node, where);
      case Kind::list:
        return check_list(type, node, where);
      case Kind::map:
        return check_map(type, node, where);
      case Kind::record:
        return node.is_map() ? check_record(type, node, where) : check_bare_name(type, node, where);
      default:
        return check_quantity(type, node, where);
    }
  }

  void check_string(const Type& type, const doc::Node& node, const Where& where) {
    if (type.non_empty && text::trim(node.text()).empty()) {
      report(label(type, where) + " must not be blank", where, "give it a value, or remove the key");
    }
  }

  void check_choice(const Type& type, const doc::Node& node, const Where& where) {
    if (std::find(type.names.begin(), type.names.end(), node.text()) != type.names.end()) return;
    const auto guess = text::closest(node.text(), type.names);
    report(label(type, where) + " must be " + type.describe() + ", found `" +
               text::printable(text::shorten(node.text(), 40)) + "`",
           where, guess.empty() ? std::string() : "did you mean `" + guess + "`?");
  }

  void check_quantity(const Type& type, const doc::Node& node, const Where& where) {
    const auto value = quantity(type, node);
    if (!value) return wrong(type, node, where);
    check_bounds(type, *value, "`" + node.text() + "`", where);
  }

  /// The number behind a scalar of this type; 0 where only its being right matters.
  static std::optional<double> quantity(const Type& type, const doc::Node& node) {
    const auto zero_if = [](bool right) { return right ? std::optional<double>(0) : std::nullopt; };
    switch (type.kind) {
      case Kind::integer:
        return node.is_int() ? std::optional<double>(node.as_double()) : std::nullopt;
      case Kind::number:
        if (!node.is_number() || !std::isfinite(node.as_double())) return std::nullopt;
        return node.as_double();
      case Kind::boolean:
        return zero_if(node.is_bool());
      case Kind::duration:
        if (const auto duration = units::parse_duration(node.text())) {
          return std::chrono::duration<double>(*duration).count();
        }
        return std::nullopt;
      case Kind::bytes:
        return zero_if(units::parse_bytes(node.text()).has_value());
      case Kind::digest:
        return zero_if(Digest::parse(node.text()).has_value());
      case Kind::ratio:
        if (const auto ratio = units::parse_ratio(node.text())) return ratio->value;
        return std::nullopt;
      default:
        return std::nullopt;
    }
  }

  void check_bounds(const Type& type, double value, const std::string& shown, const Where& where) {
    if (type.kind == Kind::boolean || type.kind == Kind::bytes || type.kind == Kind::digest) return;
    const auto limit = [&](double bound) {
      if (type.kind != Kind::duration) return text::from_double(bound);
      return "`" + written(Duration(static_cast<std::int64_t>(std::llround(bound * 1000)))) + "`";
    };
    if (type.least && value < *type.least) {
      report(label(type, where) + " must be at least " + limit(*type.least) + ", found " + shown, where);
    } else if (type.most && value > *type.most) {
      report(label(type, where) + " must be at most " + limit(*type.most) + ", found " + shown, where);
    }
  }

  void check_size(const Type& type, std::size_t size, const Where& where) {
    const auto count = static_cast<double>(size);
    const auto say = [&](const char* bound, double wanted) {
      const auto noun = std::string(type.kind == Kind::list ? "item" : "entr") +
                        (type.kind == Kind::list ? (wanted == 1 ? "" : "s") : (wanted == 1 ? "y" : "ies"));
      report(label(type, where) + " needs at " + bound + " " + text::from_double(wanted) + " " + noun + ", found " +
                 std::to_string(size),
             where);
    };
    if (type.least && count < *type.least) say("least", *type.least);
    if (type.most && count > *type.most) say("most", *type.most);
  }

  void check_list(const Type& type, const doc::Node& node, const Where& where) {
    check_size(type, node.size(), where);
    if (!type.item) return;
    for (std::size_t i = 0; i < node.items().size(); ++i) {
      check(*type.item, node.items()[i], {&where, {}, i, where.at});
    }
  }

  void check_map(const Type& type, const doc::Node& node, const Where& where) {
    check_size(type, node.size(), where);
    if (!type.item) return;
    for (const auto& entry : node.entries()) check(*type.item, entry.value, below(where, entry));
  }

  void check_record(const Type& type, const doc::Node& node, const Where& where) {
    Missing missing;
    const doc::Entry* chosen = nullptr;
    for (const auto& entry : node.entries()) {
      const auto field = std::find_if(type.fields.begin(), type.fields.end(),
                                      [&](const Field& known) { return known.name == entry.key; });
      if (field != type.fields.end()) {
        check(field->type, entry.value, below(where, entry));
      } else if (const auto* alternative = type.alternative(entry.key)) {
        if (chosen) {
          refuse_second(type, *chosen, entry, where);
        } else {
          chosen = &entry;
        }
        check_alternative(type, *alternative, entry, where);
      } else {
        missing.excused.insert(report_unknown(type, node, entry, where));
        missing.alternative_excused = true;
      }
    }
    report_missing(type, node, missing, where);
    if (!chosen && !type.alternatives.empty() && !missing.alternative_excused) report_none(type, where);
  }

  struct Missing {
    std::set<std::string> excused;     ///< Keys that an unknown one was probably meant to be.
    bool alternative_excused = false;  ///< An unknown key was probably meant to be the alternative.
  };

  void check_alternative(const Type& type, const Alternative& alternative, const doc::Entry& entry,
                         const Where& where) {
    if (entry.value.is_null() && type.bare_name && !alternative.needs_value) return;
    check(alternative.type, entry.value, below(where, entry));
  }

  void check_bare_name(const Type& type, const doc::Node& node, const Where& where) {
    const auto name = node.text();
    const auto* alternative = type.alternative(name);
    const auto noun = type.name.empty() ? std::string("name") : type.name;
    if (!alternative && type.short_form && fits(*type.short_form, node)) return check(*type.short_form, node, where);
    if (!alternative) {
      report("unknown " + noun + " `" + text::printable(text::shorten(name, 60)) + "`", where,
             text::did_you_mean(name, type.alternative_keys()));
    } else if (alternative->needs_value) {
      report("`" + name + "` needs a value: " + alternative->type.describe(), where,
             "write `" + name + ": …` as a map");
    }
  }

  /// Returns the known key that was probably meant, or an empty text.
  std::string report_unknown(const Type& type, const doc::Node& node, const doc::Entry& entry, const Where& where) {
    auto known = type.alternative_keys();
    for (const auto& field : type.fields) known.push_back(field.name);
    std::vector<std::string> absent;
    std::copy_if(known.begin(), known.end(), std::back_inserter(absent),
                 [&](const std::string& name) { return !node.find(name); });
    const auto guess = text::closest(entry.key, absent);
    report("unknown key `" + text::printable(text::shorten(entry.key, 60)) + "`", below(where, entry),
           guess.empty() ? text::did_you_mean(entry.key, known) : "did you mean `" + guess + "`?");
    return guess;
  }

  void report_missing(const Type& type, const doc::Node& node, const Missing& missing, const Where& where) {
    for (const auto& field : type.fields) {
      if (!field.required || node.find(field.name) || missing.excused.contains(field.name)) continue;
      report("missing key `" + field.name + "`", where,
             "`" + field.name + "` is " + field.type.describe() + (field.help.empty() ? "" : ": " + field.help));
    }
  }

  void report_none(const Type& type, const Where& where) {
    const auto noun = type.name.empty() ? std::string("this map") : with_article(type.name);
    report(noun + " needs exactly one of " + listed(type.alternative_keys()), where, "add one of these keys");
  }

  void refuse_second(const Type& type, const doc::Entry& first, const doc::Entry& second, const Where& where) {
    const auto noun = type.name.empty() ? std::string("this map") : with_article(type.name);
    report("`" + second.key + "` cannot stand beside `" + first.key + "`: " + noun + " has exactly one of the two",
           below(where, second), "remove one of the two");
  }

  static Where below(const Where& where, const doc::Entry& entry) {
    return {&where, entry.key, std::nullopt, entry.key_at.known() ? &entry.key_at : where.at};
  }

  void wrong(const Type& type, const doc::Node& node, const Where& where) {
    report(label(type, where) + " must be " + type.describe() + ", found " + found(node), where, hint_for(type, node));
  }

  static std::string label(const Type& type, const Where& where) {
    const auto path = where.path();
    if (!path.empty()) return "`" + text::printable(text::shorten(path, 60)) + "`";
    return "the " + (type.name.empty() ? std::string("value") : type.name);
  }

  void report(std::string message, const Where& where, std::string hint = {}) {
    errors_.push_back(invalid_error(std::move(message), where.at ? *where.at : SourcePos{}, std::move(hint)));
  }

  Late late_;
  Errors errors_;
};

}  // namespace

Errors check(const Type& type, const doc::Node& node, Late late) {
  Checker checker(late);
  checker.check(type, node, {});
  return checker.take();
}

}  // namespace llmops::schema

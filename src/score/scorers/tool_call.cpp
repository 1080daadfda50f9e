#include <algorithm>

#include "base/text.h"
#include "doc/json.h"
#include "schema/record.h"
#include "score/answers.h"
#include "score/scorers/families.h"
#include "score/scorers/wanted.h"

namespace llmops::score {
namespace {

enum class Arguments {
  partial,  ///< Those that are expected are there; others may be.
  exact,
  ignored,
};

/// A call that is expected: its name, and its arguments where they count.
struct Expected {
  std::string name;
  std::optional<doc::Node> arguments;
};

/// Whether `found` has all that is in `part`: of maps each key, of lists each item in its place.
bool has(const doc::Node& found, const doc::Node& part) {
  if (part.is_map() && found.is_map()) {
    return std::all_of(part.entries().begin(), part.entries().end(), [&](const doc::Entry& entry) {
      const auto* value = found.find(entry.key);
      return value != nullptr && has(*value, entry.value);
    });
  }
  if (part.is_list() && found.is_list()) {
    return part.size() == found.size() && std::equal(part.items().begin(), part.items().end(), found.items().begin(),
                                                     [](const doc::Node& a, const doc::Node& b) { return has(b, a); });
  }
  return found == part;
}

bool fits(const doc::Node& call, const Expected& expected, Arguments how) {
  if (call.get("name", "") != expected.name) return false;
  if (how == Arguments::ignored || (how == Arguments::partial && !expected.arguments)) return true;
  const auto* arguments = call.find("arguments");
  const auto found = arguments == nullptr ? doc::Node::map() : *arguments;
  const auto wanted = expected.arguments.value_or(doc::Node::map());
  return how == Arguments::exact ? found == wanted : has(found, wanted);
}

/// The most pairs of a call and what it was expected to be, each used once: augmenting paths (Kuhn, 1955).
class Pairing {
 public:
  Pairing(const doc::List& calls, const std::vector<Expected>& expected, Arguments how) : taken_by_(expected.size()) {
    for (std::size_t i = 0; i < calls.size(); ++i) {
      fits_.emplace_back(expected.size());
      for (std::size_t j = 0; j < expected.size(); ++j) fits_[i][j] = fits(calls[i], expected[j], how);
    }
    for (std::size_t i = 0; i < calls.size(); ++i) {
      std::vector<bool> seen(expected.size());
      if (place(i, seen)) ++size_;
    }
  }
  std::size_t size() const { return size_; }

 private:
  bool place(std::size_t call, std::vector<bool>& seen) {
    for (std::size_t j = 0; j < seen.size(); ++j) {
      if (!fits_[call][j] || seen[j]) continue;
      seen[j] = true;
      if (taken_by_[j] && !place(*taken_by_[j], seen)) continue;
      taken_by_[j] = call;
      return true;
    }
    return false;
  }

  std::vector<std::vector<bool>> fits_;
  std::vector<std::optional<std::size_t>> taken_by_;
  std::size_t size_ = 0;
};

Result<Expected> expected_in(const doc::Node& item) {
  if (item.is_scalar() && !item.is_null()) return Expected{item.text(), std::nullopt};
  // A provider's own form has the call in `function`, and the arguments as their JSON.
  const auto* inner = item.find("function");
  const auto& call = inner != nullptr && inner->is_map() ? *inner : item;
  Expected out{call.get("name", ""), std::nullopt};
  if (out.name.empty()) {
    return invalid_error("a call that is expected has no `name`: " + quoted(item.text()), item.at(),
                         "write `{name: …, arguments: {…}}`, or the name alone");
  }
  if (const auto* arguments = call.find("arguments")) {
    out.arguments = *arguments;
    if (arguments->is_string()) {
      if (auto parsed = doc::parse_json_data(arguments->as_string())) out.arguments = *std::move(parsed);
    }
  }
  return out;
}

/// A list of calls or names, one of them alone, or names with commas.
Result<std::vector<Expected>> all_expected(const doc::Node& wanted) {
  std::vector<Expected> out;
  if (wanted.is_list()) {
    for (const auto& item : wanted.items()) {
      TRY(auto one, expected_in(item));
      out.push_back(std::move(one));
    }
  } else if (wanted.is_map()) {
    TRY(auto one, expected_in(wanted));
    out.push_back(std::move(one));
  } else if (!wanted.is_null()) {
    for (const auto& name : text::split(wanted.text(), ',')) {
      if (const auto trimmed = text::trim(name); !trimmed.empty()) out.push_back({std::string(trimmed), std::nullopt});
    }
  }
  return out;
}

std::string shown_expected(const std::vector<Expected>& expected) {
  std::string out;
  for (const auto& one : expected) {
    out += (out.empty() ? "" : ", ") + one.name + (one.arguments ? "(" + doc::to_json(*one.arguments) + ")" : "");
  }
  return out;
}

class ToolCall final : public PureMeasure {
 public:
  ToolCall(Wanted wanted, Arguments how) : wanted_(std::move(wanted)), how_(how) {}

  Result<Finding> measure(std::string_view, const Sample& sample) const override {
    TRY(const auto value, wanted_.value(sample));
    TRY(const auto expected, all_expected(value));
    static const doc::List none;
    const auto& calls = sample.tool_calls.is_list() ? sample.tool_calls.items() : none;
    if (calls.size() > kMostCalls || expected.size() > kMostCalls) {
      return invalid_error("there are over " + std::to_string(kMostCalls) + " calls, more than are compared");
    }
    const auto found = text::replace_all(shown({}, sample.tool_calls), "\n", ", ");
    const auto remark =
        (calls.empty() ? std::string("nothing was called") : "called " + quoted(std::string_view(found))) +
        (expected.empty() ? std::string(", expected no call")
                          : ", expected " + quoted(std::string_view(shown_expected(expected))));
    const auto pairs = static_cast<double>(Pairing(calls, expected, how_).size());
    const auto both = static_cast<double>(calls.size() + expected.size());
    return Finding{both == 0 ? 1.0 : 2 * pairs / both, remark};
  }

 private:
  static constexpr std::size_t kMostCalls = 256;

  Wanted wanted_;
  Arguments how_;
};

/// The long form has its own keys; a call has a `name`.
bool is_long_form(const doc::Node& settings) {
  return settings.is_map() && (settings.find("calls") != nullptr || settings.find("compare") != nullptr);
}

Result<Arguments> arguments_of(const doc::Node& settings) {
  const auto* written = settings.find("compare");
  if (written == nullptr || written->text() == "partial") return Arguments::partial;
  if (written->text() == "exact") return Arguments::exact;
  if (written->text() == "names") return Arguments::ignored;
  return invalid_error("`compare` is " + quoted(written->text()) + ", expected `partial`, `exact` or `names`",
                       written->at());
}

}  // namespace

Errors check_tool_call(const doc::Node& settings) {
  Errors out;
  if (!is_long_form(settings)) return out;
  for (const auto& entry : settings.entries()) {
    if (entry.key == "calls" || entry.key == "compare") continue;
    out.push_back(invalid_error("unknown key `" + entry.key + "` in `tool-call`", entry.key_at,
                                "its keys are `calls` and `compare`"));
  }
  if (const auto how = arguments_of(settings); !how) out.push_back(how.error());
  return out;
}

Result<Made> make_tool_call(const doc::Node& settings) {
  const bool long_form = is_long_form(settings);
  auto how = Arguments::partial;
  doc::Node calls = settings;
  if (long_form) {
    TRY(how, arguments_of(settings));
    const auto* written = settings.find("calls");
    calls = written == nullptr ? doc::Node() : *written;
  }
  TRY(auto wanted, Wanted::of(calls));
  // What does not wait for a case is looked at now.
  if (const auto* known = wanted.constant()) TRY_VOID(all_expected(*known));
  return Made{std::make_unique<ToolCall>(std::move(wanted), how), std::nullopt};
}

}  // namespace llmops::score

#include "recipe/scope.h"

#include <algorithm>

#include "base/text.h"
#include "recipe/condition.h"

namespace llmops::recipe {
namespace {

using templating::Interpolation;
using templating::Looked;
using templating::Pending;
using templating::Reference;

constexpr std::string_view kWaits = "\x01";  ///< A pending name that no step will make known: keep the text.

const std::vector<std::string>& roots() {
  static const std::vector<std::string> names = {"vars", "env",   "secret", "git", "environment",
                                                 "run",  "steps", "matrix", "case"};
  return names;
}

std::vector<std::string> keys_of(const doc::Node& node) {
  std::vector<std::string> out;
  if (!node.is_map()) return out;
  for (const auto& entry : node.entries()) out.push_back(entry.key);
  return out;
}

/// Follows the rest of a path into a value.
Result<Looked> walk(const doc::Node& start, const Reference& reference, std::size_t from) {
  const doc::Node* at = &start;
  for (std::size_t i = from; i < reference.path.size(); ++i) {
    if (const auto* index = std::get_if<std::int64_t>(&reference.path[i])) {
      if (!at->is_list() || *index < 0 || static_cast<std::size_t>(*index) >= at->items().size()) {
        return invalid_error("`" + reference.text + "` has no item " + std::to_string(*index), reference.at);
      }
      at = &at->items()[static_cast<std::size_t>(*index)];
      continue;
    }
    const auto& key = std::get<std::string>(reference.path[i]);
    const auto* next = at->find(key);
    if (!next) {
      return invalid_error("`" + reference.text + "` is not known: there is no `" + key + "`", reference.at,
                           text::did_you_mean(key, keys_of(*at)));
    }
    at = next;
  }
  return Looked(*at);
}

/// Finds names in a scope.
class Finder {
 public:
  explicit Finder(const Scope& scope) : scope_(scope) {}

  Result<Looked> operator()(const Reference& reference) const {
    const auto& root = reference.root();
    if (root == "vars") return var(reference);
    if (root == "matrix") return walk(scope_.matrix, reference, 1);
    if (root == "environment") return environment();
    if (root == "env") return variable(reference);
    if (root == "secret") return secret(reference);
    if (root == "git") return git(reference);
    if (root == "run") return run(reference);
    if (root == "steps") return step(reference);
    if (root == "case") return Looked(Pending{std::string(kWaits)});
    return invalid_error("`" + root + "` is not known in an expression", reference.at,
                         text::did_you_mean(root, roots()));
  }

 private:
  Result<Looked> environment() const {
    if (scope_.environment.empty()) return Looked(Pending{std::string(kWaits)});
    return Looked(doc::Node(scope_.environment));
  }

  Result<Looked> var(const Reference& reference) const {
    const auto missing =
        scope_.missing_vars.empty() ? scope_.missing_vars.end() : scope_.missing_vars.find(reference.name(1));
    if (missing == scope_.missing_vars.end()) return walk(scope_.vars, reference, 1);
    if (scope_.stage != Stage::run) return Looked(Pending{std::string(kWaits)});
    return missing->second;
  }

  Result<Looked> variable(const Reference& reference) const {
    const auto name = reference.name(1);
    const auto value = scope_.env ? scope_.env->get(name) : std::nullopt;
    if (value) return Looked(doc::Node(*value));
    if (scope_.stage != Stage::run) return Looked(Pending{std::string(kWaits)});
    return Error{ErrorKind::environment,
                 "the variable `" + name + "` is not set",
                 reference.at,
                 "set it, or write `${env." + name + ":-default}`",
                 {}};
  }

  Result<Looked> secret(const Reference& reference) const {
    if (scope_.stage != Stage::run) return Looked(Pending{std::string(kWaits)});
    const auto name = reference.name(1);
    auto value = scope_.secret ? scope_.secret(name) : Result<std::string>(environment_error("no secrets here"));
    if (!value) {
      auto error = std::move(value).error();
      error.at = reference.at;
      return error;
    }
    return Looked(doc::Node(*std::move(value)));
  }

  Result<Looked> git(const Reference& reference) const {
    if (!scope_.git) return Looked(Pending{std::string(kWaits)});
    auto value = scope_.git(reference.name(1));
    if (!value) {
      auto error = std::move(value).error();
      if (!error.at.known()) error.at = reference.at;
      return error;
    }
    return Looked(*std::move(value));
  }

  Result<Looked> run(const Reference& reference) const {
    if (reference.name(1) != "id") {
      return invalid_error("`" + reference.text + "` is not known", reference.at, "did you mean `run.id`?");
    }
    if (scope_.stage != Stage::run) return Looked(Pending{std::string(kWaits)});
    return Looked(doc::Node(scope_.run_id));
  }

  Result<Looked> step(const Reference& reference) const {
    const auto id = reference.name(1);
    if (scope_.stage == Stage::read || !scope_.outcomes) return Looked(Pending{id});
    const auto found = scope_.outcomes->find(id);
    if (found == scope_.outcomes->end()) return Looked(Pending{id});
    const auto part = reference.name(2);
    if (part == "outputs") return output(reference, found->second);
    if (part == "metrics") return metric(reference, found->second);
    if (part == "status") return Looked(doc::Node(step::to_string(found->second.status)));
    return invalid_error("`" + reference.text + "` is not known: a step has `outputs`, `metrics` and `status`",
                         reference.at);
  }

  Result<Looked> output(const Reference& reference, const step::Outcome& outcome) const {
    if (outcome.status == step::Status::skipped) {
      return invalid_error("`" + reference.name(1) + "` was skipped, so it has no outputs", reference.at,
                           "give this step the same `if` or `environments`");
    }
    const step::Output* output = nullptr;
    std::vector<std::string> names;
    for (const auto& made : outcome.outputs) names.push_back(made.name);
    if (reference.path.size() > 3) {
      if (const auto* index = std::get_if<std::int64_t>(&reference.path[3])) {
        if (*index >= 0 && static_cast<std::size_t>(*index) < outcome.outputs.size()) {
          output = &outcome.outputs[static_cast<std::size_t>(*index)];
        }
      } else {
        output = outcome.output(std::get<std::string>(reference.path[3]));
      }
    }
    if (!output) {
      return invalid_error("`" + reference.text + "` is not an output of `" + reference.name(1) + "`", reference.at,
                           text::did_you_mean(reference.name(3), names));
    }
    return walk(output->value, reference, 4);
  }

  /// `steps.x.metrics.accuracy` (one cell), `steps.x.metrics['small/guided'].accuracy`.
  Result<Looked> metric(const Reference& reference, const step::Outcome& outcome) const {
    const auto cell = reference.path.size() > 4 ? reference.name(3) : std::string();
    const auto name = reference.name(reference.path.size() - 1);
    const doc::Node* found = nullptr;
    for (const auto& metric : outcome.metrics) {
      const auto prompt = metric.get("prompt", "");
      const auto model = metric.get("model", "");
      if (metric.get("metric", "") != name) continue;
      if (!cell.empty() && cell != (prompt.empty() ? model : model + "/" + prompt)) continue;
      if (found) {
        return invalid_error("`" + reference.text + "` fits several cells", reference.at,
                             "name one: `metrics['model/prompt']." + name + "`");
      }
      found = &metric;
    }
    if (!found) return invalid_error("`" + reference.text + "` is not a metric of this step", reference.at);
    const auto* value = found->find("value");
    return Looked(value ? *value : doc::Node());
  }

  const Scope& scope_;
};

/// A value put in place at an early stage is read again at a later one: its dollars must survive that.
doc::Node escaped(doc::Node node) {
  if (node.is_string() && node.as_string().find('$') != std::string::npos) {
    return doc::Node(text::replace_all(node.as_string(), "$", "$$")).set_at(node.at());
  }
  if (node.is_list()) {
    for (auto& item : node.items()) item = escaped(std::move(item));
  } else if (node.is_map()) {
    for (auto& entry : node.entries()) entry.value = escaped(std::move(entry.value));
  }
  return node;
}

constexpr std::size_t kMostGrowth = 16 << 20;

/// About what a value takes in memory, counted no further than it matters.
std::size_t size_of(const doc::Node& node) {
  constexpr std::size_t kNode = 64;
  std::size_t out = kNode;
  if (node.is_string()) return out + node.as_string().size();
  if (node.is_list()) {
    for (const auto& item : node.items()) {
      out += size_of(item);
      if (out > kMostGrowth) return out;
    }
  } else if (node.is_map()) {
    for (const auto& entry : node.entries()) {
      out += entry.key.size() + size_of(entry.value);
      if (out > kMostGrowth) return out;
    }
  }
  return out;
}

class Resolver {
 public:
  explicit Resolver(const Scope& scope) : finder_(scope), last_(scope.stage == Stage::run) {}

  doc::Node resolve(const doc::Node& node) {
    if (node.is_list()) {
      doc::Node out = doc::Node::list();
      for (const auto& item : node.items()) out.push_back(resolve(item));
      return out.set_at(node.at());
    }
    if (node.is_map()) {
      doc::Node out = doc::Node::map();
      for (const auto& entry : node.entries()) {
        out.entries().push_back({entry.key, entry.key_at, resolve(entry.value)});
      }
      return out.set_at(node.at());
    }
    if (!node.is_string() || node.as_string().find('$') == std::string::npos) return node;
    return leaf(node);
  }

  Errors errors;
  std::set<std::string> waits_for;

 private:
  doc::Node leaf(const doc::Node& node) {
    auto parsed = Interpolation::parse(node.as_string(), node.at());
    if (!parsed) {
      errors.push_back(std::move(parsed).error());
      return node;
    }
    if (parsed->constant() && !last_) return node;
    auto value = parsed->evaluate([this](const Reference& reference) { return finder_(reference); });
    if (!value) {
      errors.push_back(std::move(value).error());
      if (!errors.back().at.known()) errors.back().at = node.at();
      return node;
    }
    if (const auto* pending = std::get_if<Pending>(&*value)) {
      if (pending->on != kWaits) waits_for.insert(pending->on);
      return node;
    }
    auto known = std::get<doc::Node>(*std::move(value)).set_at(node.at());
    grown_ += size_of(known);
    if (grown_ > kMostGrowth) {
      if (!refused_)
        errors.push_back(invalid_error("the values that this names grow beyond 16 MiB", node.at(),
                                       "name a value once, not again and again"));
      refused_ = true;
      return doc::Node();
    }
    return last_ ? known : escaped(std::move(known));
  }

  Finder finder_;
  bool last_;
  std::size_t grown_ = 0;  ///< Bytes, about, that expressions have put into the value.
  bool refused_ = false;
};

}  // namespace

namespace {

/// Most values hold no expression at all.
bool mentions_any(const doc::Node& node) {
  if (node.is_string()) return node.as_string().find('$') != std::string::npos;
  if (node.is_list()) return std::any_of(node.items().begin(), node.items().end(), mentions_any);
  return node.is_map() && std::any_of(node.entries().begin(), node.entries().end(),
                                      [](const auto& entry) { return mentions_any(entry.value); });
}

}  // namespace

Result<Resolved, Errors> resolve(const doc::Node& node, const Scope& scope) {
  if (!mentions_any(node)) return Resolved{node, {}};
  Resolver resolver(scope);
  auto out = resolver.resolve(node);
  if (!resolver.errors.empty()) return std::move(resolver.errors);
  return Resolved{std::move(out), std::move(resolver.waits_for)};
}

Result<Looked> look_up(const Reference& reference, const Scope& scope) { return Finder(scope)(reference); }

namespace {

void visit(const doc::Node& node, std::vector<std::string>& keys, Errors& errors,
           const std::function<void(const Reference&, const std::vector<std::string>&)>& each) {
  if (node.is_list()) {
    for (const auto& item : node.items()) visit(item, keys, errors, each);
    return;
  }
  if (node.is_map()) {
    for (const auto& entry : node.entries()) {
      keys.push_back(entry.key);
      visit(entry.value, keys, errors, each);
      keys.pop_back();
    }
    return;
  }
  if (!node.is_string() || node.as_string().find('$') == std::string::npos) return;
  auto parsed = Interpolation::parse(node.as_string(), node.at());
  if (!parsed) {
    errors.push_back(std::move(parsed).error());
    return;
  }
  for (const auto& reference : parsed->references()) each(reference, keys);
}

}  // namespace

Errors for_each_reference(const doc::Node& node,
                          const std::function<void(const Reference&, const std::vector<std::string>&)>& each) {
  Errors errors;
  std::vector<std::string> keys;
  visit(node, keys, errors, each);
  return errors;
}

}  // namespace llmops::recipe

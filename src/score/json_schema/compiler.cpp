#include "score/json_schema/compiler.h"

#include <algorithm>
#include <unordered_map>

#include "score/json_schema/keywords.h"
#include "score/json_schema/resources.h"
#include "score/json_schema/uri.h"

namespace llmops::score::json_schema {
namespace {

constexpr std::ptrdiff_t kMostErrors = 100;

/// From a schema to one that looks at the same value.
struct Edge {
  std::size_t to;
  SourcePos at;
};

/// Takes schemas from a list of those still to be made, so that no nesting and no chain of references costs stack.
class Compiler final : public Site {
 public:
  Compiler(Program& program, Draft draft)
      : program_(program), draft_(draft), resources_(Resources::of(program.document, draft, errors_)) {}

  Errors run() {
    program_.dynamic_anchors.resize(resources_.all().size());
    for (const auto& target : resources_.schemas()) index_of(target);
    for (std::size_t i = 0; i < resources_.all().size(); ++i) {
      for (const auto& [name, node] : resources_.all()[i].dynamic_anchors) {
        program_.dynamic_anchors[i].emplace(name, indexes_.at(node));
      }
    }
    for (current_ = 0; current_ < targets_.size(); ++current_) build();
    refuse_circles();
    std::stable_sort(errors_.begin(), errors_.end(), [](const Error& a, const Error& b) {
      return std::pair(a.at.line, a.at.column) < std::pair(b.at.line, b.at.column);
    });
    if (std::ssize(errors_) > kMostErrors) errors_.erase(errors_.begin() + kMostErrors, errors_.end());
    return std::move(errors_);
  }

  // The site that is being built.
  const doc::Node* find(std::string_view keyword) const override { return targets_[current_].node->find(keyword); }
  Draft draft() const override { return draft_; }

  std::size_t subschema(const doc::Node& node) override { return index_of({&node, targets_[current_].resource}); }

  std::size_t in_place(const doc::Node& node) override {
    const auto index = subschema(node);
    edges_[current_].push_back({index, node.at()});
    return index;
  }

  std::optional<Referred> referred(const doc::Node& reference) override {
    const auto target = resolve(reference);
    if (!target) return std::nullopt;
    edges_[current_].push_back({*target, reference.at()});
    return Referred{*target, {}};
  }

  std::optional<Referred> dynamically_referred(const doc::Node& reference) override {
    const auto target = resolve(reference);
    if (!target) return std::nullopt;
    const auto name = split_fragment(reference.as_string()).fragment;
    const auto& anchors = resources_.all()[program_.subschemas[*target].resource].dynamic_anchors;
    const auto found = anchors.find(name);
    if (found == anchors.end() || found->second != targets_[*target].node) return referred(reference);
    program_.dynamic = true;
    return Referred{*target, name};
  }

  void refuse(Error error) override { errors_.push_back(std::move(error)); }

 private:
  std::size_t index_of(const Target& target) {
    const auto [at, added] = indexes_.emplace(target.node, targets_.size());
    if (added) {
      targets_.push_back(target);
      edges_.emplace_back();
      program_.subschemas.emplace_back().resource = target.resource;
    }
    return at->second;
  }

  std::optional<std::size_t> resolve(const doc::Node& reference) {
    const auto target = resources_.find(reference, targets_[current_].resource);
    if (!target) {
      refuse(target.error());
      return std::nullopt;
    }
    if (!target->node->is_map() && !target->node->is_bool()) {
      refuse(invalid_error("reference `" + reference.as_string() + "` leads to " +
                               std::string(doc::describe(target->node->kind())) + ", expected a schema",
                           reference.at()));
      return std::nullopt;
    }
    return index_of(*target);
  }

  void build() {
    const auto& node = *targets_[current_].node;
    if (node.is_bool()) {
      program_.subschemas[current_].never = !node.as_bool();
      return;
    }
    if (!node.is_map()) {
      refuse(invalid_error("expected a schema (a map, true or false), found " + std::string(doc::describe(node.kind())),
                           node.at()));
      return;
    }
    const bool only_reference = draft_ == Draft::draft7 && node.find("$ref");
    for (const auto& row : keyword_rows()) {
      const auto* value =
          row.make && row.in(draft_) && (!only_reference || row.name == "$ref") ? node.find(row.name) : nullptr;
      if (!value) continue;
      auto unit = row.make(row.name, *value, *this);
      if (!unit.keyword) continue;
      auto& made = program_.subschemas[current_];  // Only now: making it may have added others.
      made.units.push_back(std::move(unit));
      made.asks_seen = made.asks_seen || row.name == "unevaluatedItems" || row.name == "unevaluatedProperties";
    }
  }

  /// Depth first, without recursion: an edge to a schema that is still open closes a circle.
  void refuse_circles() {
    enum class State : char { fresh, open, done };
    std::vector<State> states(targets_.size(), State::fresh);
    struct Visit {
      std::size_t schema, next_edge;
    };
    for (std::size_t start = 0; start < targets_.size(); ++start) {
      std::vector<Visit> stack;
      if (states[start] == State::fresh) stack.push_back({start, 0}), states[start] = State::open;
      while (!stack.empty()) {
        auto& visit = stack.back();
        if (visit.next_edge == edges_[visit.schema].size()) {
          states[visit.schema] = State::done;
          stack.pop_back();
          continue;
        }
        const auto& edge = edges_[visit.schema][visit.next_edge++];
        if (states[edge.to] == State::open) {
          refuse(invalid_error(
              "this schema leads back to itself without end", edge.at,
              "go through `properties`, `items` or the like, so that each round looks at a smaller value"));
        } else if (states[edge.to] == State::fresh) {
          states[edge.to] = State::open;
          stack.push_back({edge.to, 0});
        }
      }
    }
  }

  Program& program_;
  Draft draft_;
  Errors errors_;
  Resources resources_;
  std::vector<Target> targets_;  ///< By index of their subschemas.
  std::unordered_map<const doc::Node*, std::size_t> indexes_;
  std::vector<std::vector<Edge>> edges_;
  std::size_t current_ = 0;
};

}  // namespace

Result<std::shared_ptr<const Program>, Errors> compile_program(const doc::Node& schema, Draft otherwise) {
  TRY(const auto draft, draft_of(schema, otherwise));
  auto program = std::make_shared<Program>();
  program->document = schema;
  auto errors = Compiler(*program, draft).run();
  if (!errors.empty()) return errors;
  return std::shared_ptr<const Program>(std::move(program));
}

}  // namespace llmops::score::json_schema

#include "recipe/graph.h"

#include <algorithm>
#include <set>
#include <unordered_map>

#include "base/text.h"
#include "recipe/condition.h"
#include "recipe/document.h"
#include "recipe/words.h"

namespace llmops::recipe {
namespace {

bool contains(const std::vector<std::size_t>& all, std::size_t wanted) {
  return std::find(all.begin(), all.end(), wanted) != all.end();
}

class Builder {
 public:
  explicit Builder(const Recipe& recipe) : recipe_(recipe) {
    for (std::size_t i = 0; i < recipe.steps.size(); ++i) {
      by_id_.emplace(recipe.steps[i].id, i);
      by_base_[recipe.steps[i].base_id].push_back(i);
      for (const auto& output : recipe.steps[i].declared.outputs) {
        if (!output.path.empty()) makers_[output.path].push_back(i);
      }
    }
  }

  Result<Graph, Errors> build() {
    Graph graph;
    for (std::size_t i = 0; i < recipe_.steps.size(); ++i) {
      std::set<std::size_t> needs;
      collect(i, needs);
      needs.erase(i);
      graph.needs.emplace_back(needs.begin(), needs.end());
    }
    if (errors_.empty()) sort(graph);
    if (!errors_.empty()) return std::move(errors_);
    return graph;
  }

 private:
  void collect(std::size_t index, std::set<std::size_t>& needs) {
    const auto& step = recipe_.steps[index];
    for (const auto& name : step.needs) {
      if (name.value == step.id) {
        errors_.push_back(invalid_error("steps need each other in a circle: " + step.id + " → " + step.id, name.at,
                                        "take one of these needs away"));
      }
      add_named(name, needs);
    }
    for (const auto& name : step.declared.reads.steps) add_named(name, needs);
    add_references(step.config, needs);
    if (step.condition) add_condition(*step.condition, needs);
    for (const auto& [name, value] : step.env) add_references(value, needs);
    for (const auto& name : step.declared.reads.models) add_declaration(recipe_.model(name.value), index, needs);
    for (const auto& name : step.declared.reads.prompts) add_declaration(recipe_.prompt(name.value), index, needs);
    for (const auto& name : step.declared.reads.datasets) add_declaration(recipe_.dataset(name.value), index, needs);
    for (const auto& path : step.declared.reads.paths) add_path(path.value, index, needs);
    for (const auto& word : step.declared.reads.maybe) add_path(command_path(word.value), index, needs);
  }

  void add_named(const step::Name& name, std::set<std::size_t>& needs) {
    if (const auto exact = by_id_.find(name.value); exact != by_id_.end()) {
      needs.insert(exact->second);
    } else if (const auto all = by_base_.find(name.value); all != by_base_.end()) {
      needs.insert(all->second.begin(), all->second.end());
    } else if (!is_told(name.value)) {
      std::vector<std::string> ids;
      for (const auto& step : recipe_.steps) ids.push_back(step.id);
      errors_.push_back(
          invalid_error("there is no step `" + name.value + "`", name.at, text::did_you_mean(name.value, ids)));
    }
  }

  /// A step that is written and not among the others has errors of its own.
  bool is_told(const std::string& id) const {
    return has_step(recipe_.document, id) && !by_base_.contains(id.substr(0, id.find('[')));
  }

  void add_reference(const templating::Reference& reference, std::set<std::size_t>& needs) {
    if (reference.root() != "steps") return;
    if (const auto found = by_id_.find(reference.name(1)); found != by_id_.end()) needs.insert(found->second);
  }

  void add_references(const doc::Node& node, std::set<std::size_t>& needs) {
    static_cast<void>(
        for_each_reference(node, [&](const auto& reference, const auto&) { add_reference(reference, needs); }));
  }

  void add_condition(const doc::Node& condition, std::set<std::size_t>& needs) {
    if (!condition.is_string()) return;
    const auto parsed = parse_condition(condition);
    if (!parsed) return;
    for (const auto& reference : parsed->references()) add_reference(reference, needs);
  }

  void add_declaration(const Declaration* declaration, std::size_t index, std::set<std::size_t>& needs) {
    if (!declaration) return;
    add_references(declaration->config, needs);
    const auto* path = declaration->config.is_map() ? declaration->config.find("path") : &declaration->config;
    if (path && path->is_string()) add_path(path->as_string(), index, needs);
    if (const auto* file = declaration->config.find("file")) add_path(file->text(), index, needs);
    for (const auto& word : program_words(declaration->config)) add_path(word, index, needs);
    if (const auto* inputs = declaration->config.find("inputs"); inputs && inputs->is_list()) {
      for (const auto& input : inputs->items()) add_path(input.text(), index, needs);
    }
  }

  /// A path that another step makes: the very path, one below it, or a pattern that matches it. Where several steps may
  /// make it, as alternatives of which one runs, all are needed, except by one of them.
  void add_path(const std::string& written, std::size_t index, std::set<std::size_t>& needs) {
    if (makers_.empty()) return;
    const auto path = rooted(written, recipe_.path);
    if (path.find_first_of("*?[") != std::string::npos) {
      for (const auto& [made, makers] : makers_) {
        if (text::glob_match(path, made) && !contains(makers, index)) needs.insert(makers.begin(), makers.end());
      }
      return;
    }
    for (std::string at = path;;) {
      if (const auto found = makers_.find(at); found != makers_.end()) {
        if (contains(found->second, index)) return;
        needs.insert(found->second.begin(), found->second.end());
      }
      const auto slash = at.rfind('/');
      if (slash == std::string::npos) return;
      at.resize(slash);
    }
  }

  /// Depth first, in written order, without recursion: a chain may be long.
  void sort(Graph& graph) {
    enum class Mark : unsigned char { unseen, open, done };
    std::vector<Mark> marks(recipe_.steps.size(), Mark::unseen);
    std::vector<std::pair<std::size_t, std::size_t>> path;  // step, next need to look at
    for (std::size_t start = 0; start < recipe_.steps.size(); ++start) {
      if (marks[start] != Mark::unseen) continue;
      path.emplace_back(start, 0);
      marks[start] = Mark::open;
      while (!path.empty()) {
        auto& [index, next] = path.back();
        if (next == graph.needs[index].size()) {
          marks[index] = Mark::done;
          graph.order.push_back(index);
          path.pop_back();
          continue;
        }
        const auto needed = graph.needs[index][next++];
        if (marks[needed] == Mark::open) return report_cycle(path, needed);
        if (marks[needed] == Mark::unseen) {
          marks[needed] = Mark::open;
          path.emplace_back(needed, 0);
        }
      }
    }
  }

  void report_cycle(const std::vector<std::pair<std::size_t, std::size_t>>& path, std::size_t back_to) {
    std::vector<std::string> ids;
    bool inside = false;
    for (const auto& [index, next] : path) {
      inside = inside || index == back_to;
      if (inside) ids.push_back(recipe_.steps[index].id);
    }
    ids.push_back(recipe_.steps[back_to].id);
    errors_.push_back(invalid_error("steps need each other in a circle: " + text::join(ids, " → "),
                                    recipe_.steps[back_to].at, "take one of these needs away"));
  }

  const Recipe& recipe_;
  std::unordered_map<std::string, std::size_t> by_id_;
  std::unordered_map<std::string, std::vector<std::size_t>> by_base_, makers_;
  Errors errors_;
};

}  // namespace

Result<Graph, Errors> dependencies(const Recipe& recipe) { return Builder(recipe).build(); }

}  // namespace llmops::recipe

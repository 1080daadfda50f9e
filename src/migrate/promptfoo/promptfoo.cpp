#include "migrate/promptfoo.h"

#include <algorithm>
#include <map>

#include "base/text.h"
#include "doc/json.h"
#include "migrate/promptfoo/assertions.h"
#include "migrate/promptfoo/nunjucks.h"
#include "migrate/promptfoo/prompts.h"
#include "migrate/promptfoo/providers.h"
#include "migrate/promptfoo/tests.h"
#include "migrate/yaml_text.h"
#include "model/provider.h"

namespace llmops::migrate {
namespace {

using namespace promptfoo;

constexpr const char* kAdapter = "programs/promptfoo_exec.py";

/// Tests that the same providers answer to the same prompts.
struct Group {
  std::vector<std::size_t> providers, prompts, tests;
};

/// Whether a value holds a template that only a case's variables can fill in.
bool needs_rendering(const doc::Node& node) {
  if (node.is_list()) return std::any_of(node.items().begin(), node.items().end(), &needs_rendering);
  if (node.is_map()) {
    return std::any_of(node.entries().begin(), node.entries().end(),
                       [](const auto& entry) { return needs_rendering(entry.value); });
  }
  std::set<std::string> unused;
  return node.is_string() && is_template(node.as_string()) && !to_setting(node.as_string(), unused);
}

/// The bare name of a scorer without settings.
doc::Node bared(doc::Node scorer) {
  if (scorer.size() == 1 && scorer.entries().front().value.is_null()) return doc::Node(scorer.entries().front().key);
  return scorer;
}

bool is_called(const std::vector<std::string>& called, const std::string& wanted) {
  for (const auto& name : called) {
    if (name == wanted || (wanted.ends_with("*") && name.starts_with(wanted.substr(0, wanted.size() - 1)))) return true;
    if (name.starts_with(wanted + ":")) return true;
  }
  return false;
}

class Import {
 public:
  Import(doc::Node config, const Folder& folder, const Target& target)
      : config_(std::move(config)), folder_(folder), target_(target), providers_reader_(folder, kAdapter, notes_) {}

  Result<Imported, Errors> run() {
    note_keys();
    const auto* common = config_.find("defaultTest");
    if (common) common_ = default_test(*common, folder_, notes_);
    read_prompts();
    read_providers();
    tests_ = tests_of(config_, common_, folder_, notes_);
    Errors missing;
    const auto none = [&](const char* what, bool is_none) {
      if (is_none)
        missing.push_back(invalid_error("none of the " + std::string(what) + " can be carried", config_.at()));
    };
    none("prompts", prompts_.empty());
    none("providers", providers_.empty());
    none("tests", tests_.empty());
    if (!missing.empty()) {
      auto notes = std::move(notes_).take();
      notes.insert(notes.end(), missing.begin(), missing.end());
      return notes;
    }
    read_graders();
    make_shared_scorers();
    make_groups();
    make_recipe();
    out_.notes = std::move(notes_).take();
    out_.prompts = prompts_.size();
    return std::move(out_);
  }

 private:
  void note_keys() {
    static const std::map<std::string, std::string> why = {{"outputPath", "`llmops run --report FILE` writes a report"},
                                                           {"writeLatestResults", "every run is recorded"},
                                                           {"sharing", "records go where git goes"},
                                                           {"tags", "a recipe has a `description`"},
                                                           {"metadata", "a recipe has a `description`"},
                                                           {"env", "a recipe reads the environment: `${env.NAME}`"},
                                                           {"derivedMetrics", "no metric is computed from others"},
                                                           {"nunjucksFilters", "they are programs"},
                                                           {"extensions", "they are programs"},
                                                           {"redteam", "no attacks are made up here"},
                                                           {"tracing", "spans come from programs: `provider: exec`"},
                                                           {"commandLineOptions", "they are options of `llmops run`"}};
    static const std::set<std::string> read = {"description", "prompts",     "providers",       "targets", "tests",
                                               "scenarios",   "defaultTest", "evaluateOptions", "$schema"};
    for (const auto& [key, at, value] : config_.entries()) {
      if (read.contains(key) || value.is_null()) continue;
      const auto reason = why.find(key);
      notes_.lost(at, "`" + key + "`", reason == why.end() ? "a recipe has nothing like it" : reason->second);
    }
  }

  void read_prompts() {
    const Frame frame{common_.prefix, common_.suffix, common_.variables};
    const auto* written = config_.find("prompts");
    if (written) prompts_ = prompts_of(*written, folder_, frame, notes_);
  }

  void read_providers() {
    const auto* written = config_.find("providers");
    if (!written) written = config_.find("targets");
    if (written) providers_ = providers_reader_.read(*written);
    asked_ = providers_.size();
  }

  /// One model judges: the first that is named.
  void read_graders() {
    const auto take = [&](const doc::Node& written) {
      if (written.is_null()) return;
      const auto* text = written.is_map() ? written.find("text") : nullptr;
      const auto& one = text ? *text : written;
      const auto id = one.is_map() ? one.get("id", "") : one.text();
      if (!judge_id_.empty()) {
        if (id != judge_id_) {
          notes_.lost(written.at(), "the grader `" + id + "`",
                      "all scorers of an eval ask one judge, here `" + judge_ + "`");
        }
        return;
      }
      judge_id_ = id;
      for (const auto& provider : providers_) {
        if (one.is_scalar() && is_called(provider.called, id)) judge_ = provider.name;
      }
      if (!judge_.empty()) return;
      auto made = providers_reader_.read(one);
      if (made.empty()) return;
      judge_ = made.front().name;
      providers_.push_back(std::move(made.front()));
    };
    take(common_.grader);
    for (const auto& test : tests_) take(test.grader);
  }

  AssertionContext context(const Test* test, const doc::Node& transform) {
    AssertionContext out{folder_, notes_, test ? &test->variables : nullptr, {}, &fields_, &judged_};
    if (transform.is_null()) return out;
    if (auto made = transform_of(transform.text())) {
      if (*made != "{{ output }}") out.transform = *std::move(made);
    }
    return out;
  }

  bool can_transform(const doc::Node& transform) {
    if (transform.is_null() || transform_of(transform.text())) return true;
    notes_.lost(transform.at(), "`options.transform`, and with it the assertions on what it makes,",
                "it is more than trimming, case and splitting", "a scorer's `transform` is Jinja over `output`");
    return false;
  }

  /// The assertions that all tests have are the eval's, unless a test's own settings change what they mean.
  void make_shared_scorers() {
    std::set<std::string> named;
    for (const auto& test : tests_) shared_ = shared_ && test.transform == common_.transform;
    for (const auto& assertion : common_.assertions) {
      const auto metric = assertion.get("metric", "");
      shared_ = shared_ && !needs_rendering(assertion) && (metric.empty() || named.insert(metric).second);
    }
    if (!shared_ || !can_transform(common_.transform)) return;
    Names metrics;
    const auto here = context(nullptr, common_.transform);
    for (const auto& assertion : common_.assertions) {
      auto scorer = scorer_of(assertion, here);
      if (!scorer) continue;
      const auto name = scorer->get("metric", scorer->entries().front().key);
      const auto fresh = metrics.fresh(name, name);
      if (fresh != name) (*scorer)["metric"] = fresh;
      scorers_.push_back(bared(*std::move(scorer)));
    }
  }

  std::vector<std::size_t> prompts_called(const std::optional<std::vector<std::string>>& wanted, const SourcePos& at) {
    std::vector<std::size_t> out;
    for (std::size_t i = 0; i < prompts_.size(); ++i) {
      const bool meant = !wanted || std::any_of(wanted->begin(), wanted->end(),
                                                [&](const auto& name) { return is_called(prompts_[i].called, name); });
      if (meant) out.push_back(i);
    }
    if (out.empty()) notes_.add(at, "no prompt is called as this filter says; it is left out");
    if (out.empty()) return prompts_called(std::nullopt, at);
    return out;
  }

  std::vector<std::size_t> providers_for(const Test& test) {
    std::vector<std::size_t> out;
    if (!test.provider.is_null()) {
      const auto id = test.provider.is_map() ? test.provider.get("id", "") : test.provider.text();
      for (std::size_t i = 0; i < providers_.size(); ++i) {
        if (is_called(providers_[i].called, id)) return {i};
      }
      for (auto& made : providers_reader_.read(test.provider)) {
        out.push_back(providers_.size());
        providers_.push_back(std::move(made));
      }
      return out;
    }
    for (std::size_t i = 0; i < asked_; ++i) {
      const bool meant =
          !test.providers || std::any_of(test.providers->begin(), test.providers->end(),
                                         [&](const auto& name) { return is_called(providers_[i].called, name); });
      if (meant) out.push_back(i);
    }
    if (out.empty()) notes_.lost(test.at, "this test", "none of its providers is carried");
    return out;
  }

  void make_groups() {
    for (std::size_t i = 0; i < tests_.size(); ++i) {
      const auto& test = tests_[i];
      if (test.prefix != common_.prefix || test.suffix != common_.suffix) {
        notes_.lost(test.at, "the `prefix` or `suffix` of this test", "its prompt is the same as that of other cases");
      }
      const auto providers = providers_for(test);
      if (providers.empty()) continue;
      const auto prompts = prompts_called(test.prompts, test.at);
      const auto known = std::find_if(groups_.begin(), groups_.end(), [&](const Group& group) {
        return group.providers == providers && group.prompts == prompts;
      });
      if (known != groups_.end()) {
        known->tests.push_back(i);
      } else {
        groups_.push_back({providers, prompts, {i}});
      }
    }
  }

  /// A case's own scorers. What they read of it joins `fields_`.
  doc::Node own_scorers(const Test& test) {
    auto out = doc::Node::list();
    auto assertions = shared_ ? doc::List{} : common_.assertions;
    assertions.insert(assertions.end(), test.assertions.begin(), test.assertions.end());
    if (assertions.empty() || !can_transform(test.transform)) return with_threshold(std::move(out), test);
    auto here = context(&test, test.transform);
    here.graded = test.threshold.has_value();
    for (const auto& assertion : assertions) {
      if (auto scorer = scorer_of(assertion, here)) {
        ++out_.scorers;
        out.push_back(bared(*std::move(scorer)));
      }
    }
    return with_threshold(std::move(out), test);
  }

  static doc::Node with_threshold(doc::Node scorers, const Test& test) {
    if (!test.threshold) return scorers;
    return doc::Node::map({{"scorers", std::move(scorers)}, {"threshold", *test.threshold}});
  }

  std::string field_name(std::string wanted) const {
    for (const auto& test : tests_) {
      if (test.variables.find(wanted)) return "test_" + wanted;
    }
    return wanted;
  }

  /// JavaScript prints `true` and `false`, Jinja `True` and `False`. What is false stays so where a prompt may ask.
  static doc::Node shown_as_there(const doc::Node& value, bool asked) {
    if (!value.is_bool() || (asked && !value.as_bool())) return value;
    return doc::Node(value.as_bool() ? "true" : "false");
  }

  std::string lines_of(const Group& group) {
    const auto id = field_name("id"), assertions = field_name("assert");
    std::set<std::string> needed = fields_;
    for (const auto prompt : group.prompts) {
      needed.insert(prompts_[prompt].variables.begin(), prompts_[prompt].variables.end());
    }
    const bool branches = std::any_of(group.prompts.begin(), group.prompts.end(),
                                      [&](std::size_t i) { return prompts_[i].text.find("{%") != std::string::npos; });
    std::vector<doc::Node> cases;
    Names ids;
    for (const auto number : group.tests) {
      const auto& test = tests_[number];
      auto one = doc::Node::map();
      one[id] = ids.fresh(test.description, "test " + std::to_string(number + 1));
      for (const auto& entry : test.variables.entries()) one[entry.key] = shown_as_there(entry.value, branches);
      if (test.metadata.is_map()) {
        for (const auto& entry : test.metadata.entries()) {
          if (!one.find(entry.key)) one[entry.key] = entry.value;
        }
      }
      one[assertions] = own_scorers(test);
      cases.push_back(std::move(one));
    }
    needed.insert(fields_.begin(), fields_.end());
    std::string out;
    for (auto& one : cases) {
      for (const auto& name : needed) {
        if (!one.find(name)) one[name] = "";  // What is missing renders as nothing.
      }
      out += doc::to_json(one) + "\n";
    }
    out_.cases += cases.size();
    return out;
  }

  doc::Node eval_of(const std::vector<std::size_t>& providers, const std::vector<std::size_t>& prompts,
                    const std::string& dataset) {
    auto models = doc::Node::list(), named = doc::Node::list();
    for (const auto i : providers) models.push_back(providers_[i].name);
    for (const auto i : prompts) named.push_back(prompts_[i].name);
    auto out = doc::Node::map({{"models", std::move(models)}, {"prompts", std::move(named)}, {"dataset", dataset}});
    if (!scorers_.empty()) out["scorers"] = doc::Node(scorers_);
    if (judged_ && !judge_.empty()) out["judge"] = judge_;
    const auto* options = config_.find("evaluateOptions");
    if (!options || !options->is_map()) return out;
    for (const auto& [key, at, value] : options->entries()) {
      if (key == "repeat" && value.is_int() && value.as_int() > 0)
        out["repeat"] = value;
      else if (key == "maxConcurrency" && value.is_int() && value.as_int() > 0)
        out["concurrency"] = value;
      else if (key != "showProgressBar" && key != "cache") {
        notes_.lost(at, "`evaluateOptions." + key + "`", "an eval has nothing like it");
      }
    }
    return out;
  }

  /// Providers with prompts of their own are evals of their own.
  void add_steps(const Group& group, const std::string& dataset, doc::Node& steps) {
    std::vector<Group> parts;
    for (const auto provider : group.providers) {
      auto prompts = group.prompts;
      if (providers_[provider].prompts) {
        const auto own = prompts_called(providers_[provider].prompts, config_.at());
        std::erase_if(prompts, [&](std::size_t i) { return std::find(own.begin(), own.end(), i) == own.end(); });
      }
      if (prompts.empty()) continue;
      const auto known =
          std::find_if(parts.begin(), parts.end(), [&](const Group& part) { return part.prompts == prompts; });
      if (known != parts.end()) {
        known->providers.push_back(provider);
      } else {
        parts.push_back({{provider}, prompts, {}});
      }
    }
    const auto* options = config_.find("evaluateOptions");
    const auto* cache = options ? options->find("cache") : nullptr;
    for (const auto& part : parts) {
      auto step = doc::Node::map(
          {{"id", step_names_.fresh("eval", "eval")}, {"eval", eval_of(part.providers, part.prompts, dataset)}});
      if (cache && cache->is_bool() && !cache->as_bool()) step["cache"] = "never";
      steps.push_back(std::move(step));
    }
  }

  void make_recipe() {
    auto datasets = doc::Node::map(), steps = doc::Node::list();
    std::vector<File> data;
    Names names, files;
    std::vector<std::pair<std::string, std::size_t>> made;
    for (std::size_t i = 0; i < groups_.size(); ++i) {
      const auto path = "data/" + files.fresh(target_.name, "tests") + ".jsonl";
      data.push_back({path, lines_of(groups_[i])});
      const auto name = names.fresh("tests", "tests");
      const auto id = field_name("id");
      datasets[name] = doc::Node::map({{"path", path}, {"assert", field_name("assert")}});
      if (id != "id") datasets[name]["id"] = id;
      made.emplace_back(name, i);
    }
    if (judged_ && judge_.empty()) add_default_judge();
    for (const auto& [name, i] : made) add_steps(groups_[i], name, steps);
    out_.scorers += scorers_.size();

    auto recipe = doc::Node::map({{"llmops", 1}, {"name", target_.name}});
    const auto description = config_.get("description", "");
    if (!description.empty()) recipe["description"] = text::replace_all(description, "$", "$$");
    for (auto& provider : providers_) {
      allow_concurrency(provider.model);
      recipe["models"][provider.name] = provider.model;
    }
    out_.models = providers_.size();
    for (const auto& prompt : prompts_) {
      const auto path = "prompts/" + target_.name + "/" + prompt.name + ".j2";
      recipe["prompts"][prompt.name] = path;
      data.push_back({path, prompt.text});
    }
    recipe["datasets"] = std::move(datasets);
    recipe["steps"] = std::move(steps);
    out_.files.push_back({target_.recipe, yaml_text(recipe)});
    std::move(data.begin(), data.end(), std::back_inserter(out_.files));
    const bool adapted =
        std::any_of(providers_.begin(), providers_.end(), [](const auto& one) { return one.runs_program; });
    if (adapted) out_.files.push_back({kAdapter, std::string(exec_adapter())});
  }

  /// `maxConcurrency` is one number there; here a model has a limit too.
  void allow_concurrency(doc::Node& model) const {
    const auto* options = config_.find("evaluateOptions");
    const auto wanted = options ? options->get("maxConcurrency", 0) : 0;
    const auto* provider = model::find_provider(model.get("provider", ""));
    if (provider && wanted > provider->concurrency) model["concurrency"] = wanted;
  }

  /// promptfoo picks a model by the keys that are set.
  void add_default_judge() {
    auto made = providers_reader_.read(doc::Node("openai:chat:gpt-4.1-2025-04-14"));
    judge_ = made.front().name;
    notes_.add(config_.at(),
               "no grader is named: `" + judge_ + "` of OpenAI judges, in place of promptfoo's own choice",
               "the eval's `judge` names the model");
    providers_.push_back(std::move(made.front()));
  }

  doc::Node config_;
  const Folder& folder_;
  const Target& target_;
  Notes notes_;
  Providers providers_reader_;
  Imported out_;
  Test common_;
  std::vector<Prompt> prompts_;
  std::vector<Provider> providers_;
  std::size_t asked_ = 0;  ///< The first so many providers are asked; the rest judge, or answer single tests.
  std::vector<Test> tests_;
  std::vector<Group> groups_;
  doc::List scorers_;
  std::set<std::string> fields_;
  std::string judge_, judge_id_;
  bool judged_ = false, shared_ = true;
  Names step_names_;
};

}  // namespace

Result<Imported, Errors> import_promptfoo(sys::FileSystem& files, const sys::Path& file, const Target& target) {
  const Folder folder(files, file.parent_path(), target.folder);
  const auto name = file.filename().string();
  const auto kind = ending(name);
  if (kind != "yaml" && kind != "yml" && kind != "json") {
    return Errors{usage_error("`" + name + "` is a program, expected a configuration in YAML or JSON",
                              "`promptfoo export` writes one")};
  }
  TRY(auto config, folder.parse(name));
  if (!config.is_map()) {
    return Errors{invalid_error("the configuration is " + std::string(doc::describe(config.kind())) +
                                    ", expected a map with `prompts`, `providers` and `tests`",
                                config.at())};
  }
  return Import(std::move(config), folder, target).run();
}

}  // namespace llmops::migrate

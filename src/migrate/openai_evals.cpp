#include "migrate/openai_evals.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <set>

#include "base/text.h"
#include "doc/json.h"
#include "migrate/folder.h"
#include "migrate/names.h"
#include "migrate/notes.h"
#include "migrate/promptfoo/providers.h"
#include "migrate/yaml_text.h"

namespace llmops::migrate {
namespace {

/// The kind of an eval, by the end of its class.
enum class Kind { match, includes, fuzzy_match, json_match, fact, closedqa };

std::string class_of(const doc::Node& entry) {
  const auto whole = entry.get("class", "");
  return whole.substr(whole.rfind(':') + 1);
}

doc::Node scorer(std::string_view name, doc::Node settings, std::string_view metric) {
  return doc::Node::map({{std::string(name), std::move(settings)}, {"metric", metric}});
}

/// Samples whose messages have the same roles in the same order are asked with one prompt.
struct Shape {
  std::vector<std::string> roles;
  std::vector<std::size_t> samples;
};

class Import {
 public:
  Import(const Folder& folder, const Target& target, const OpenaiEval& wanted)
      : folder_(folder), target_(target), wanted_(wanted), providers_(folder, {}, notes_) {}

  Result<Imported, Errors> run(const doc::Node& registry) {
    TRY(const auto* entry, find(registry));
    TRY(kind_, kind_of(*entry));
    TRY(samples_, samples_of(*entry));
    note_arguments(*entry);
    auto models = providers_.read(doc::Node(wanted_.model));
    if (models.empty()) {
      return Errors{usage_error("`" + wanted_.model + "` is no model that a recipe can ask",
                                "write it as `openai:NAME`, `anthropic:NAME` or `ollama:NAME`")};
    }
    models.resize(1);
    judged_ = kind_ == Kind::fact || kind_ == Kind::closedqa;
    TRY_VOID(make_shapes());
    TRY_VOID(make_recipe(models.front()));
    out_.models = 1;
    out_.notes = std::move(notes_).take();
    return std::move(out_);
  }

 private:
  /// The entry with a class, by its own name or by the short one that leads to it.
  Result<const doc::Node*, Errors> find(const doc::Node& registry) {
    std::vector<std::string> names;
    for (const auto& entry : registry.entries()) {
      if (entry.value.find("class")) names.push_back(entry.key);
    }
    auto name = wanted_.name.empty() && names.size() == 1 ? names.front() : wanted_.name;
    if (name.empty()) {
      return Errors{usage_error(names.empty() ? "the file has no eval: an entry with a `class`"
                                              : "the file has several evals: " + text::join(names, ", "),
                                names.empty() ? "" : "name one with `--eval`")};
    }
    for (const auto& entry : registry.entries()) {
      if (entry.key == name || entry.value.get("id", "") == name) {
        const auto description = entry.value.get("description", "");
        if (!description.empty()) description_ = description;
      }
    }
    for (const auto& entry : registry.entries()) {
      if (entry.value.get("id", "") == name && description_.empty()) description_ = entry.value.get("description", "");
    }
    for (int steps = 0; steps < 10; ++steps) {
      const auto* entry = registry.find(name);
      if (!entry) return Errors{usage_error("there is no eval `" + name + "`", text::did_you_mean(name, names))};
      if (entry->find("class")) return entry;
      name = entry->get("id", "");
    }
    return Errors{usage_error("`" + name + "` leads to itself")};
  }

  Result<Kind, Errors> kind_of(const doc::Node& entry) {
    const auto name = class_of(entry);
    const auto* written = entry.find("class");
    if (name == "Match") return Kind::match;
    if (name == "Includes") return Kind::includes;
    if (name == "FuzzyMatch") return Kind::fuzzy_match;
    if (name == "JsonMatch") return Kind::json_match;
    const auto* arguments = entry.find("args");
    const auto spec = arguments ? arguments->get("modelgraded_spec", "") : std::string();
    if (name == "ModelBasedClassify" && spec == "fact") return Kind::fact;
    if (name == "ModelBasedClassify" && spec == "closedqa") return Kind::closedqa;
    if (name == "ModelBasedClassify") {
      return Errors{invalid_error("the grading `" + spec + "` has no scorer like it", written->at(),
                                  "`fact` and `closedqa` have; `llm-rubric` takes a rubric of yours")};
    }
    return Errors{invalid_error("the class `" + name + "` is a program of its own", written->at(),
                                "`Match`, `Includes`, `FuzzyMatch`, `JsonMatch` and `ModelBasedClassify` are carried")};
  }

  Result<doc::Node, Errors> samples_of(const doc::Node& entry) {
    const auto* arguments = entry.find("args");
    const auto* written = arguments ? arguments->find("samples_jsonl") : nullptr;
    if (!written) {
      return Errors{invalid_error("the eval has no `samples_jsonl`", (arguments ? *arguments : entry).at())};
    }
    for (const auto& path : {written->text(), "../data/" + written->text()}) {
      if (!folder_.has_file(path)) continue;
      TRY(auto samples, folder_.parse(path));
      if (!samples.is_list() || samples.size() == 0) {
        return Errors{invalid_error("`" + path + "` has no samples", written->at())};
      }
      return samples;
    }
    return Errors{invalid_error("there is no file `" + written->text() + "`, here or in `../data`", written->at(),
                                "samples in Git LFS need `git lfs pull`")};
  }

  void note_arguments(const doc::Node& entry) {
    static const std::set<std::string> read = {"samples_jsonl", "modelgraded_spec", "eval_type", "ignore_case"};
    const auto* arguments = entry.find("args");
    for (const auto& [key, at, value] : arguments->entries()) {
      if (!read.contains(key)) notes_.lost(at, "`" + key + "`", "a recipe has nothing like it");
      if (key == "eval_type" && judged_)
        notes_.add(at, "the judge is asked in other words than those of `" + value.text() + "`");
      if (key == "ignore_case") ignores_case_ = value.is_bool() && value.as_bool();
    }
  }

  Result<void, Errors> make_shapes() {
    Errors errors;
    for (std::size_t i = 0; i < samples_.size() && errors.size() < 20; ++i) {
      const auto& sample = samples_.items()[i];
      const auto* input = sample.find("input");
      if (!input) {
        errors.push_back(invalid_error("this sample has no `input`", sample.at()));
        continue;
      }
      if (!sample.find("ideal") && kind_ != Kind::closedqa) {
        errors.push_back(invalid_error("this sample has no `ideal`", sample.at()));
        continue;
      }
      std::vector<std::string> roles;
      if (input->is_list()) {
        for (const auto& message : input->items()) {
          roles.push_back(message.get("role", "user"));
          const auto* content = message.find("content");
          if (!content || !content->is_string()) {
            errors.push_back(invalid_error("a message of this sample holds no text", message.at()));
          }
          if (message.find("name"))
            notes_.lost(message.at(), "`name` of a message", "messages here are a role and a text");
        }
      }
      auto known =
          std::find_if(shapes_.begin(), shapes_.end(), [&](const Shape& shape) { return shape.roles == roles; });
      if (known == shapes_.end()) known = shapes_.insert(known, {roles, {}});
      known->samples.push_back(i);
    }
    if (!errors.empty()) return errors;
    return {};
  }

  std::vector<std::string> ideals(const doc::Node& sample) const {
    std::vector<std::string> out;
    const auto* ideal = sample.find("ideal");
    if (!ideal) return out;
    if (!ideal->is_list()) return {ideal->text()};
    for (const auto& one : ideal->items()) out.push_back(one.text());
    return out;
  }

  static std::string as_setting(const std::string& text) {
    return text.find("${") == std::string::npos ? text : text::replace_all(text, "$", "$$");
  }

  /// `make` for each of several texts, of which one must do.
  static doc::Node any_of(const std::vector<std::string>& texts,
                          const std::function<doc::Node(const std::string&)>& make) {
    if (texts.size() == 1) {
      auto one = make(texts.front());
      one["metric"] = "accuracy";
      return one;
    }
    auto members = doc::Node::list();
    for (const auto& text : texts) members.push_back(make(text));
    return scorer("any-of", std::move(members), "accuracy");
  }

  Result<doc::Node, Errors> scorers_of(const doc::Node& sample) {
    auto texts = ideals(sample);
    for (auto& text : texts) text = as_setting(text);
    auto out = doc::Node::list();
    switch (kind_) {
      case Kind::match:
        out.push_back(any_of(texts, [](const auto& text) { return doc::Node::map({{"starts-with", text}}); }));
        break;
      case Kind::includes:
        out.push_back(scorer(ignores_case_ ? "icontains-any" : "contains-any", doc::Node::strings(texts), "accuracy"));
        break;
      case Kind::fuzzy_match: {
        auto members = doc::Node::list();
        members.push_back(doc::Node::map({{"exact-match", doc::Node::strings(texts)}}));
        members.push_back(doc::Node::map({{"icontains-any", doc::Node::strings(texts)}}));
        out.push_back(scorer("any-of", std::move(members), "accuracy"));
        out.push_back(scorer("f1", doc::Node::strings(texts), "f1_score"));
        break;
      }
      case Kind::json_match: {
        auto members = doc::Node::list();
        for (const auto& text : ideals(sample)) {
          auto json = doc::parse_json_data(text);
          if (!json || json->is_scalar()) {
            return Errors{invalid_error("the `ideal` of this sample is no JSON object or list", sample.at())};
          }
          members.push_back(doc::Node::map({{"equals", *std::move(json)}}));
        }
        if (members.size() == 1) {
          members.items().front()["metric"] = "accuracy";
          return members;
        }
        out.push_back(scorer("any-of", std::move(members), "accuracy"));
        break;
      }
      case Kind::fact:
        out.push_back(scorer("factuality", doc::Node::map({{"to", text::join(texts, "\n")}}), "accuracy"));
        break;
      case Kind::closedqa: {
        const auto criteria = as_setting(sample.get("criteria", "the answer is right, and answers what was asked"));
        out.push_back(scorer("llm-rubric", doc::Node::map({{"rubric", criteria}}), "accuracy"));
        out.items().front()["threshold"] = 0.5;
        break;
      }
    }
    return out;
  }

  /// A message's template: its text, where that is the same for all samples of the shape.
  std::string content_of(const Shape& shape, std::size_t message) const {
    const auto text_of = [&](std::size_t sample) {
      return samples_.items()[sample].find("input")->items()[message].get("content", "");
    };
    const auto first = text_of(shape.samples.front());
    const bool same = shape.samples.size() > 1 && std::all_of(shape.samples.begin(), shape.samples.end(),
                                                              [&](std::size_t i) { return text_of(i) == first; });
    if (same && first.find("{{") == std::string::npos && first.find("{%") == std::string::npos &&
        first.find("{#") == std::string::npos) {
      return first;
    }
    return "{{ input[" + std::to_string(message) + "].content }}";
  }

  std::string prompt_of(const Shape& shape) const {
    if (shape.roles.empty()) return "{{ input }}\n";
    auto messages = doc::Node::list();
    for (std::size_t i = 0; i < shape.roles.size(); ++i) {
      messages.push_back(doc::Node::map({{"role", shape.roles[i]}, {"content", content_of(shape, i)}}));
    }
    return "---\n" + yaml_text(doc::Node::map({{"messages", std::move(messages)}})) + "---\n";
  }

  Result<std::string, Errors> lines_of(const Shape& shape) {
    std::string out;
    for (const auto i : shape.samples) {
      auto one = doc::Node::map();
      one["id"] = "sample " + std::to_string(i + 1);
      for (const auto& entry : samples_.items()[i].entries()) {
        if (entry.key != "id" && entry.key != "assert") one[entry.key] = entry.value;
      }
      TRY(one["assert"], scorers_of(samples_.items()[i]));
      out_.scorers += one["assert"].size();
      out += doc::to_json(one) + "\n";
    }
    out_.cases += shape.samples.size();
    return out;
  }

  Result<void, Errors> make_recipe(const promptfoo::Provider& model) {
    if (kind_ == Kind::fuzzy_match) {
      notes_.add(samples_.at(), "`FuzzyMatch` becomes `any-of` with `exact-match` and `icontains-any`",
                 "an answer that is only a part of the ideal passed there, and does not here");
    }
    auto recipe = doc::Node::map({{"llmops", 1}, {"name", target_.name}});
    if (!description_.empty()) recipe["description"] = as_setting(description_);
    recipe["models"][model.name] = model.model;
    auto steps = doc::Node::list();
    Names names, steps_names;
    std::vector<File> files;
    for (const auto& shape : shapes_) {
      const auto name = names.fresh("samples", "samples");
      const auto behind = name.substr(std::string_view("samples").size());
      const auto prompt = "prompts/" + target_.name + "/prompt" + behind + ".j2";
      const auto data = "data/" + target_.name + behind + ".jsonl";
      TRY(auto lines, lines_of(shape));
      files.push_back({data, std::move(lines)});
      files.push_back({prompt, prompt_of(shape)});
      recipe["prompts"]["prompt" + behind] = prompt;
      recipe["datasets"][name] = doc::Node::map({{"path", data}, {"assert", "assert"}});
      auto eval = doc::Node::map({{"models", doc::Node::strings({model.name})},
                                  {"prompts", doc::Node::strings({"prompt" + behind})},
                                  {"dataset", name},
                                  {"parameters", doc::Node::map({{"temperature", 0}})}});
      if (judged_) eval["judge"] = model.name;
      steps.push_back(doc::Node::map({{"id", steps_names.fresh("eval", "eval")}, {"eval", std::move(eval)}}));
    }
    recipe["steps"] = std::move(steps);
    out_.prompts = shapes_.size();
    out_.files.push_back({target_.recipe, yaml_text(recipe)});
    std::move(files.begin(), files.end(), std::back_inserter(out_.files));
    return {};
  }

  const Folder& folder_;
  const Target& target_;
  const OpenaiEval& wanted_;
  Notes notes_;
  promptfoo::Providers providers_;
  Imported out_;
  Kind kind_ = Kind::match;
  std::string description_;
  doc::Node samples_;
  std::vector<Shape> shapes_;
  bool ignores_case_ = false, judged_ = false;
};

}  // namespace

Result<Imported, Errors> import_openai_evals(sys::FileSystem& files, const sys::Path& file, const Target& target,
                                             const OpenaiEval& wanted) {
  const Folder folder(files, file.parent_path(), target.folder);
  TRY(const auto registry, folder.parse(file.filename().string()));
  if (!registry.is_map()) return Errors{invalid_error("the registry's file holds no map", registry.at())};
  return Import(folder, target, wanted).run(registry);
}

}  // namespace llmops::migrate

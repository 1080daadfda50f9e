#include "migrate/promptfoo/assertions.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "doc/json.h"
#include "doc/yaml.h"
#include "migrate/promptfoo/nunjucks.h"
#include "score/scorer.h"

namespace llmops::migrate::promptfoo {
namespace {

constexpr std::string_view kNot = "not-";

/// Assertions that nothing here is like, and why.
struct Missing {
  std::string_view type, why, hint;
};
constexpr std::array<Missing, 26> kMissing = {{
    {"javascript", "it is JavaScript", "a program can score: the scorer `exec`"},
    {"python", "it is Python for promptfoo's own interface", "a program can score: the scorer `exec`"},
    {"ruby", "it is Ruby for promptfoo's own interface", "a program can score: the scorer `exec`"},
    {"webhook", "no scorer calls a server", "a program can: the scorer `exec`"},
    {"similar", "it needs a model that embeds, which is not carried",
     "write the scorer `similar`, and a model with `api: embeddings` as the eval's `embedder`"},
    {"similar:cosine", "it needs a model that embeds, which is not carried",
     "write the scorer `similar`, and a model with `api: embeddings` as the eval's `embedder`"},
    {"similar:dot", "vectors are compared by their cosine alone", "the scorer `similar` compares by that"},
    {"similar:euclidean", "vectors are compared by their cosine alone", "the scorer `similar` compares by that"},
    {"answer-relevance", "it needs a model that embeds, which is not carried",
     "write the scorer `answer-relevance`, with a `judge`, and a model with `api: embeddings` as `embedder`"},
    {"classifier", "no scorer asks a classifier", "a program can score: the scorer `exec`"},
    {"moderation", "no scorer asks a moderation service", "a program can score: the scorer `exec`"},
    {"guardrails", "no scorer reads a provider's guardrails", ""},
    {"is-html", "no scorer reads HTML", "`is-xml` reads what is well-formed"},
    {"contains-html", "no scorer reads HTML", "`contains-xml` finds what is well-formed"},
    {"select-best", "it compares the answers of several models", "a gate compares them: `versus:`"},
    {"max-score", "it compares the answers of several models", "a gate compares them: `select:`"},
    {"human", "a person gives the score", ""},
    {"pi", "it is a service", ""},
    {"conversation-relevance", "cases here are one question each", ""},
    {"trace-span-count", "no scorer reads spans", ""},
    {"trace-span-duration", "no scorer reads spans", ""},
    {"trace-error-spans", "no scorer reads spans", ""},
    {"skill-used", "no scorer reads an agent's steps", ""},
    {"agent-rubric", "no judge here uses tools", "`llm-rubric` judges without"},
    {"search-rubric", "no judge here searches", "`llm-rubric` judges without"},
    {"trajectory:goal-success", "no scorer reads an agent's steps", ""},
}};

/// The name and settings that an assertion has here.
struct Made {
  std::string scorer;
  doc::Node settings;
  std::optional<double> threshold;
};

class Assertion {
 public:
  Assertion(const doc::Node& written, const AssertionContext& context) : written_(written), context_(context) {}

  std::optional<doc::Node> scorer() {
    type_ = written_.get("type", "");
    if (type_.empty()) return lost("it has no type");
    if (type_ == "assert-set") return finished(set());
    if (type_.starts_with(kNot)) {
      inverted_ = true;
      type_ = type_.substr(kNot.size());
    }
    note_keys({"type", "value", "threshold", "weight", "metric", "transform"});
    return finished(single());
  }

 private:
  std::optional<doc::Node> lost(const std::string& why, std::string hint = {}) {
    const auto name = (inverted_ ? std::string(kNot) : std::string()) + type_;
    context_.notes.lost(at(), name.empty() ? "this assertion" : "the assertion `" + name + "`", why, std::move(hint));
    return std::nullopt;
  }
  std::optional<Made> none(const std::string& why, std::string hint = {}) {
    lost(why, std::move(hint));
    return std::nullopt;
  }

  SourcePos at() const {
    const auto* type = written_.find("type");
    return type && type->at().known() ? type->at() : written_.at();
  }

  void note_keys(std::initializer_list<std::string_view> known) {
    for (const auto& [key, key_at, value] : written_.entries()) {
      if (std::find(known.begin(), known.end(), key) != known.end()) continue;
      const bool grader = key == "provider";
      context_.notes.lost(key_at, "`" + key + "` of the assertion `" + type_ + "`",
                          grader ? "all scorers of an eval ask its one `judge`" : "the scorer has nothing like it");
    }
  }

  const doc::Node* value() const {
    const auto* out = written_.find("value");
    return out && !out->is_null() ? out : nullptr;
  }
  double threshold_or(double otherwise) const {
    const auto* given = written_.find("threshold");
    return given && given->is_number() ? given->as_double() : otherwise;
  }
  std::optional<double> threshold() const {
    const auto* given = written_.find("threshold");
    return given && given->is_number() ? std::optional(given->as_double()) : std::nullopt;
  }

  /// A text as a setting: its templates become the case's fields, or are rendered with this case's.
  std::optional<doc::Node> setting(const doc::Node& node) {
    if (node.is_list()) {
      auto out = doc::Node::list();
      for (const auto& item : node.items()) {
        auto one = setting(item);
        if (!one) return std::nullopt;
        out.push_back(*std::move(one));
      }
      return out;
    }
    if (node.is_map()) {
      auto out = doc::Node::map();
      for (const auto& entry : node.entries()) {
        auto one = setting(entry.value);
        if (!one) return std::nullopt;
        out[entry.key] = *std::move(one);
      }
      return out;
    }
    if (!node.is_string()) return node;
    auto text = node.as_string();
    if (const auto path = file_uri(text)) {
      auto read = file(*path);
      if (!read) return std::nullopt;
      if (!read->is_string()) return read;
      text = read->as_string();
    }
    if (auto made = to_setting(text, *context_.fields)) return doc::Node(*std::move(made));
    if (context_.variables) {
      if (auto made = rendered(text, *context_.variables)) {
        if (made->find("${") == std::string::npos) return doc::Node(*std::move(made));
      }
    }
    lost(text.find("${") != std::string::npos ? "its value holds `${`, which means a field of the case here"
                                              : "its value is a template that only promptfoo renders");
    return std::nullopt;
  }

  std::optional<doc::Node> file(const std::string& path) {
    const auto kind = ending(path);
    if (kind == "json" || kind == "yaml" || kind == "yml") {
      auto node = context_.folder.parse(path);
      if (node) return *std::move(node);
      lost(node.error().front().message);
      return std::nullopt;
    }
    if (kind == "js" || kind == "ts" || kind == "mjs" || kind == "cjs" || kind == "py" || kind == "rb") {
      lost("its value comes from the program `" + path + "`");
      return std::nullopt;
    }
    auto text = context_.folder.read(path);
    if (text) return doc::Node(std::string(text::trim(*text)));
    lost(text.error().message);
    return std::nullopt;
  }

  /// The value, which must be there.
  std::optional<doc::Node> needed() {
    const auto* given = value();
    if (given) return setting(*given);
    lost("it has no value");
    return std::nullopt;
  }
  /// A list of texts; of one text, its parts between commas.
  std::optional<doc::Node> listed() {
    auto given = needed();
    if (!given || given->is_list()) return given;
    const auto text = given->text();
    if (text.find('{') != std::string::npos) return doc::Node(doc::List{*given});
    auto out = doc::Node::list();
    for (const auto& part : text::split(text, ',')) {
      auto one = text::trim(part);
      if (one.size() > 1 && one.front() == '"' && one.back() == '"') one = one.substr(1, one.size() - 2);
      if (!one.empty()) out.push_back(std::string(one));
    }
    return out;
  }

  std::optional<Made> plain(const std::string& scorer) {
    auto given = needed();
    if (!given) return std::nullopt;
    return Made{scorer, *std::move(given), {}};
  }
  std::optional<Made> graded(const std::string& scorer, double otherwise) {
    auto given = needed();
    if (!given) return std::nullopt;
    return Made{scorer, *std::move(given), threshold_or(otherwise)};
  }

  std::optional<Made> single() {
    static constexpr std::array<std::string_view, 4> kTexts = {"contains", "icontains", "starts-with", "regex"};
    static constexpr std::array<std::string_view, 4> kLists = {"contains-all", "contains-any", "icontains-all",
                                                               "icontains-any"};
    const auto is = [&](const auto& names) { return std::find(names.begin(), names.end(), type_) != names.end(); };
    if (is(kTexts)) {
      auto given = needed();
      if (!given) return std::nullopt;
      return Made{type_, doc::Node(given->text()), {}};
    }
    if (is(kLists)) {
      auto given = listed();
      if (!given) return std::nullopt;
      return Made{type_, *std::move(given), {}};
    }
    if (type_ == "equals") {
      auto given = needed();
      if (!given) return std::nullopt;
      return Made{type_, given->is_scalar() ? doc::Node(given->text()) : *given, {}};
    }
    if (type_ == "is-json" || type_ == "contains-json") return json();
    if (type_ == "is-xml" || type_ == "contains-xml") return xml();
    if (type_ == "is-sql" || type_ == "contains-sql") {
      if (value()) {
        context_.notes.lost(value()->at(), "the value of `" + type_ + "`",
                            "the scorer reads PostgreSQL's grammar, and looks at no tables or columns");
      }
      return Made{type_, {}, {}};
    }
    if (type_ == "is-refusal") return Made{type_, {}, {}};
    if (type_ == "levenshtein") {
      auto given = needed();
      if (!given) return std::nullopt;
      constexpr double kEdits = 5;
      const auto most = static_cast<std::int64_t>(threshold_or(kEdits));
      return Made{type_, doc::Node::map({{"to", given->text()}, {"at_most", most}}), {}};
    }
    if (type_ == "rouge-n") return graded("rouge-1", 0.75);
    if (type_ == "bleu" || type_ == "gleu" || type_ == "meteor") return graded(type_, 0.5);
    if (type_ == "word-count") return plain(type_);
    if (type_ == "finish-reason") return plain(type_);
    if (type_ == "latency" || type_ == "cost" || type_ == "perplexity") {
      const auto most = threshold();
      if (!most) return none("it has no threshold");
      const auto* key = type_ == "latency" ? "at_most_ms" : type_ == "cost" ? "at_most_usd" : "at_most";
      return Made{type_, doc::Node::map({{key, *written_.find("threshold")}}), {}};
    }
    if (type_ == "perplexity-score") return Made{type_, {}, threshold_or(0.5)};
    if (type_ == "is-valid-openai-tools-call" || type_ == "is-valid-function-call" ||
        type_ == "is-valid-openai-function-call") {
      return Made{"is-valid-tool-call", {}, {}};
    }
    if (type_ == "tool-call-f1") return tool_calls();
    return judged();
  }

  std::optional<Made> json() {
    const auto* given = value();
    if (!given) return Made{type_, {}, {}};
    if (given->is_string() && !file_uri(given->as_string())) {
      if (text::trim(given->as_string()).empty()) return Made{type_, {}, {}};
      const auto schema = doc::parse_yaml("", given->as_string());
      if (!schema || !schema->is_map()) return none("its value is no JSON Schema");
      return Made{type_, *schema, {}};
    }
    auto schema = setting(*given);
    if (!schema) return std::nullopt;
    return Made{type_, *std::move(schema), {}};
  }

  std::optional<Made> xml() {
    const auto* given = value();
    if (!given) return Made{type_, {}, {}};
    const auto* elements = given->find("requiredElements");
    if (elements) return Made{type_, doc::Node::map({{"required", *elements}}), {}};
    auto listed = doc::Node::list();
    for (const auto& part : text::split(given->text(), ',')) listed.push_back(std::string(text::trim(part)));
    return Made{type_, doc::Node::map({{"required", std::move(listed)}}), {}};
  }

  std::optional<Made> tool_calls() {
    auto names = listed();
    if (!names) return std::nullopt;
    auto calls = doc::Node::list();
    for (const auto& name : names->items()) calls.push_back(doc::Node::map({{"name", name.text()}}));
    return Made{"tool-call", doc::Node::map({{"calls", std::move(calls)}, {"compare", "names"}}), threshold_or(1)};
  }

  std::optional<Made> judged() {
    const auto asks = [&](std::string scorer, doc::Node settings, std::optional<double> from) {
      *context_.judged = true;
      return Made{std::move(scorer), std::move(settings), from};
    };
    const auto field = [&](const char* name) {
      context_.fields->insert(name);
      return doc::Node("${case." + std::string(name) + "}");
    };
    if (type_ == "llm-rubric" || type_ == "model-graded-closedqa" || type_ == "g-eval") {
      auto rubric = needed();
      if (!rubric) return std::nullopt;
      if (type_ != "llm-rubric") {
        context_.notes.add(at(), "`" + type_ + "` becomes `llm-rubric`, whose judge is asked in other words");
      }
      std::string text = rubric->is_scalar() ? rubric->text() : std::string();
      if (rubric->is_list()) {
        for (const auto& one : rubric->items()) text += (text.empty() ? "" : "\n") + one.text();
      } else if (rubric->is_map()) {
        text = doc::to_json(*rubric);
      }
      return asks("llm-rubric", doc::Node::map({{"rubric", text}}), threshold_or(type_ == "g-eval" ? 0.7 : 0.5));
    }
    if (type_ == "factuality" || type_ == "model-graded-factuality") {
      auto reference = needed();
      if (!reference) return std::nullopt;
      return asks("factuality", doc::Node::map({{"to", reference->text()}}), {});
    }
    if (type_ == "context-recall") {
      auto fact = needed();
      if (!fact) return std::nullopt;
      return asks(type_, doc::Node::map({{"context", field("context")}, {"to", fact->text()}}), threshold_or(0));
    }
    if (type_ == "context-faithfulness") {
      return asks(type_, doc::Node::map({{"context", field("context")}}), threshold_or(0));
    }
    if (type_ == "context-relevance") {
      return asks(type_, doc::Node::map({{"context", field("context")}, {"question", field("query")}}),
                  threshold_or(0));
    }
    if (type_ == "javascript" && value()) {
      if (auto made = simple_script(value()->text())) return made;
    }
    for (const auto& [type, why, hint] : kMissing) {
      if (type == type_) return none(std::string(why), std::string(hint));
    }
    if (type_.starts_with("trajectory:")) return none("no scorer reads an agent's steps");
    return none("no scorer is like it");
  }

  /// `output.includes('x')` and its like.
  std::optional<Made> simple_script(const std::string& code) {
    auto rest = text::trim(code);
    if (rest.starts_with("return ")) rest = text::trim(rest.substr(7));
    if (rest.ends_with(';')) rest.remove_suffix(1);
    struct Form {
      std::string_view front, back, scorer;
    };
    static constexpr std::array<Form, 5> kForms = {{{"output.toLowerCase().includes(", ")", "icontains"},
                                                    {"output.includes(", ")", "contains"},
                                                    {"output.startsWith(", ")", "starts-with"},
                                                    {"output.endsWith(", ")", "ends-with"},
                                                    {"output === ", "", "equals"}}};
    for (const auto& [front, back, scorer] : kForms) {
      if (!rest.starts_with(front) || !rest.ends_with(back)) continue;
      const auto inner = text::trim(rest.substr(front.size(), rest.size() - front.size() - back.size()));
      if (inner.size() < 2 || (inner.front() != '\'' && inner.front() != '"') || inner.back() != inner.front())
        continue;
      const auto text = inner.substr(1, inner.size() - 2);
      if (text.find(inner.front()) != std::string_view::npos || text.find('\\') != std::string_view::npos) continue;
      return Made{std::string(scorer), doc::Node(std::string(text)), {}};
    }
    return std::nullopt;
  }

  std::optional<Made> set() {
    note_keys({"type", "assert", "threshold", "weight", "metric"});
    const auto* members = written_.find("assert");
    if (!members || !members->is_list() || members->size() == 0) return none("it has no assertions");
    auto inner = context_;
    inner.graded = threshold().has_value();
    auto listed = doc::Node::list();
    for (const auto& member : members->items()) {
      auto one = scorer_of(member, inner);
      if (one) listed.push_back(*std::move(one));
    }
    if (listed.size() == 0) return none("none of its assertions is carried");
    return Made{"all-of", std::move(listed), threshold()};
  }

  /// What all scorers share, and the checks of the recipe language.
  std::optional<doc::Node> finished(std::optional<Made> made) {
    if (!made) return std::nullopt;
    auto out = doc::Node::map();
    out[(inverted_ ? std::string(kNot) : std::string()) + made->scorer] = made->settings;
    if (made->threshold && (made->scorer == "all-of" || !context_.graded)) out["threshold"] = *made->threshold;
    const auto* weight = written_.find("weight");
    if (weight && weight->is_number()) out["weight"] = *weight;
    if (const auto* metric = written_.find("metric"); metric && !metric->is_null()) {
      if (is_template(metric->text())) {
        context_.notes.lost(metric->at(), "the name of a metric", "it is a template");
      } else {
        static constexpr std::array<std::string_view, 5> kTaken = {"pass", "score", "latency_ms", "ttft_ms",
                                                                   "cost_usd_per_query"};
        const bool taken = std::find(kTaken.begin(), kTaken.end(), metric->text()) != kTaken.end();
        out["metric"] = metric->text() + (taken ? "-assertion" : "");
      }
    }
    if (!add_transform(out)) return std::nullopt;
    if (auto why = problem_of(out)) return lost(*why);
    return out;
  }

  bool add_transform(doc::Node& out) {
    const auto* own = written_.find("transform");
    if (!own || own->is_null()) {
      if (!context_.transform.empty() && type_ != "assert-set") out["transform"] = context_.transform;
      return true;
    }
    const auto made = transform_of(own->text());
    if (!made || !context_.transform.empty()) {
      lost("its `transform` is more than trimming, case and splitting");
      return false;
    }
    out["transform"] = *made;
    return true;
  }

  /// What the recipe language says against it. A judge is named in the eval, so none is missed here.
  static std::optional<std::string> problem_of(const doc::Node& scorer) {
    const auto wrong = schema::check(schema::type_of<score::ScorerConfig>(), scorer, schema::Late::allow);
    if (!wrong.empty()) return wrong.front().message;
    const auto config = score::with_helpers(schema::read<score::ScorerConfig>(scorer), {{"judge", {}}, {}});
    const auto made = score::make_scorer(config);
    if (!made) return made.error().front().message;
    return std::nullopt;
  }

  const doc::Node& written_;
  const AssertionContext& context_;
  std::string type_;
  bool inverted_ = false;
};

}  // namespace

std::optional<doc::Node> scorer_of(const doc::Node& assertion, const AssertionContext& context) {
  if (!assertion.is_map()) {
    context.notes.lost(assertion.at(), "this assertion", "it is no map");
    return std::nullopt;
  }
  return Assertion(assertion, context).scorer();
}

}  // namespace llmops::migrate::promptfoo

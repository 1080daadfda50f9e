#include "templating/template.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "base/text.h"
#include "jinja/lexer.h"
#include "jinja/parser.h"
#include "jinja/runtime.h"
#include "templating/engine_value.h"
#include "templating/free_names.h"
#include "templating/source_place.h"

namespace llmops::templating {
namespace {

constexpr std::size_t kSteps = 2'000'000;
constexpr std::size_t kBytesBuilt = std::size_t{256} << 20;
constexpr std::size_t kOutput = std::size_t{16} << 20;

/// Puts the engine under bounds for as long as it lives, on this thread.
class Bounded {
 public:
  explicit Bounded(Undefined undefined) : outer_(jinja::run) {
    limits_.strict = undefined == Undefined::error;
    limits_.steps = kSteps;
    limits_.bytes = kBytesBuilt;
    jinja::run = &limits_;
  }
  ~Bounded() { jinja::run = outer_; }
  Bounded(const Bounded&) = delete;
  Bounded& operator=(const Bounded&) = delete;

 private:
  jinja::limits limits_;
  jinja::limits* outer_;
};

/// The engine's words in our form: a lower-case sentence, safe to print.
std::string reworded(std::string_view what) {
  std::string out = text::printable(text::replace_all(text::trim(what), "\n", " "));
  const bool capital = out.size() > 1 && out[0] >= 'A' && out[0] <= 'Z' && !(out[1] >= 'A' && out[1] <= 'Z');
  if (capital) out[0] = static_cast<char>(out[0] - 'A' + 'a');
  while (out.ends_with('.')) out.pop_back();
  return out.empty() ? "the template failed" : out;
}

std::string hint_for(std::string_view message) {
  for (const auto* word : {"`include`", "`import`", "`from`", "`extends`", "`block`"}) {
    if (message.find(word) != std::string_view::npos)
      return "a template stands alone: write it out, or pass text in `vars`";
  }
  return {};
}

Error undefined_name(const jinja::undefined_error& e, std::vector<std::string> names, const SourcePos& at) {
  std::string what = "`" + e.name + "` is not defined";
  if (e.owner == "the value") what = "the value has no `" + e.name + "`";
  if (!e.owner.empty() && e.owner != "the value") what = "`" + e.owner + "` has no `" + e.name + "`";
  auto hint = text::did_you_mean(e.name, e.owner.empty() ? names : e.candidates);
  if (hint.empty()) hint = "where it may be missing, write `| default('')` or test `is defined`";
  return invalid_error(text::printable(what), at, std::move(hint));
}

void add(Text& out, const std::string& text, Origin origin) {
  if (text.empty()) return;
  if (!out.empty() && out.back().origin == origin) {
    out.back().text += text;
  } else {
    out.push_back({text, origin});
  }
}

}  // namespace

struct Template::Program {
  std::string text;        ///< As given.
  std::string normalised;  ///< With `\n` for every line end: what the engine's offsets count.
  Undefined undefined = Undefined::error;
  SourcePlace place;
  jinja::program tree;
  FreeNames names;

  SourcePos at(std::size_t offset) const { return place.at(normalised, offset); }
  bool reads(std::string_view name) const { return names.reads.contains(std::string(name)); }
  Text execute(std::span<const Binding> bindings) const;
  std::optional<Error> unknown_filter() const;
  Error parse_error(const std::exception& e, std::size_t offset) const {
    const auto message = reworded(e.what());
    return invalid_error(message, at(offset), hint_for(message));
  }
};

Result<Template> Template::parse(std::string text, TemplateOptions options) {
  auto program = std::make_shared<Program>();
  program->undefined = options.undefined;
  program->place = {options.first, options.indent};
  if (!options.first.source) {
    program->place.first = {std::make_shared<const SourceText>(SourceText{"template", text}), 1, 1};
  }
  program->text = std::move(text);
  program->normalised = program->text;
  try {
    auto lexed = jinja::lexer().tokenize(program->text);
    program->normalised = lexed.source;
    program->tree = jinja::parse_from_tokens(lexed);
    program->names = free_names(program->tree);
  } catch (const jinja::placed_error& e) {
    return program->parse_error(e, e.pos);
  } catch (const std::exception& e) {
    return program->parse_error(e, 0);
  }
  if (program->names.stray_jump) {
    return invalid_error("`break` and `continue` need a `{% for %}` around them",
                         program->at(*program->names.stray_jump));
  }
  if (options.undefined == Undefined::error) {
    if (auto unknown = program->unknown_filter()) return *std::move(unknown);
  }
  Template out;
  out.program_ = std::move(program);
  return out;
}

std::optional<Error> Template::Program::unknown_filter() const {
  const auto& known = known_filters();
  for (const auto& [name, offset] : names.filters) {
    if (known.contains(name)) continue;
    return invalid_error("there is no filter `" + text::printable(name) + "`", at(offset),
                         text::did_you_mean(name, std::vector<std::string>(known.begin(), known.end())));
  }
  return std::nullopt;
}

Text Template::Program::execute(std::span<const Binding> bindings) const {
  jinja::context context;
  for (const auto& binding : bindings) {
    if (reads(binding.name)) context.set_val(std::string(binding.name), to_engine(*binding.value, binding.origin));
  }
  Text out;
  std::size_t size = 0;
  for (const auto& statement : tree.body) {
    try {
      // A list on its own would be taken for the outcome of statements, not for what one of them printed.
      auto outcome = jinja::mk_val<jinja::value_array>();
      outcome->push_back(statement->execute(context));
      const auto parts = jinja::runtime::gather_string_parts(outcome);
      for (const auto& part : parts->val_str.parts) {
        size += part.val.size();
        if (size > kOutput) throw std::runtime_error("the template's output is too long (limit: 16 MiB)");
        add(out, part.val, part.is_input ? Origin::data : Origin::author);
      }
    } catch (const jinja::placed_error&) {
      throw;
    } catch (const std::exception& e) {
      throw jinja::placed_error(e.what(), statement->pos);
    }
  }
  return out;
}

Result<Text> Template::render(std::span<const Binding> bindings) const {
  const Bounded bounded(program_->undefined);
  try {
    return program_->execute(bindings);
  } catch (const jinja::undefined_error& e) {
    std::vector<std::string> names;
    for (const auto& binding : bindings) names.emplace_back(binding.name);
    return undefined_name(e, std::move(names), program_->at(e.pos));
  } catch (const jinja::placed_error& e) {
    return invalid_error(reworded(e.what()), program_->at(e.pos));
  } catch (const std::exception& e) {
    return invalid_error(reworded(e.what()), program_->at(0));
  }
}

Result<Text> Template::render(const doc::Node& context, const std::vector<std::string>& trusted) const {
  std::vector<Binding> bindings;
  if (context.is_map()) {
    for (const auto& entry : context.entries()) {
      const bool author = std::find(trusted.begin(), trusted.end(), entry.key) != trusted.end();
      bindings.push_back({entry.key, &entry.value, author ? Origin::author : Origin::data});
    }
  }
  return render(bindings);
}

std::vector<std::pair<std::string, SourcePos>> Template::names() const {
  std::vector<std::pair<std::string, SourcePos>> out;
  for (const auto& [name, offset] : program_->names.reads) {
    if (!program_->names.optional.contains(name)) out.emplace_back(name, program_->at(offset));
  }
  return out;
}

const std::string& Template::text() const { return program_->text; }

}  // namespace llmops::templating

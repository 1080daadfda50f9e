#pragma once
/// \file  A prompt file: a template, or messages of templates, with its parameters, choices and examples.
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"
#include "doc/node.h"
#include "templating/message.h"
#include "templating/template.h"

namespace llmops::prompt {

/// What a prompt asks of a model for one case.
struct Rendered {
  std::vector<templating::Message> messages;  ///< Of a raw prompt: one, role `user`.
  bool raw = false;                           ///< Send the text as it is, without the model's chat template.
  /// Positions of user messages that follow one of the user: the model answers what stands before, and goes on with
  /// its answer between them. In ascending order.
  std::vector<std::size_t> answered_before;
};

/// A parsed prompt file. Immutable; safe to render from many threads.
class Prompt {
 public:
  /// Without front matter the whole text is the user message (one newline at its very end is dropped). With it (`---`
  /// on the first line, up to the next `---`): `messages:` (a list of `{role, content}`, each a template, or `{turns}`,
  /// the case's field that holds several; the body, when not blank, is then the last user message), `raw: true`,
  /// `parameters:` (as in a recipe's model), `choices:` (a list), `examples:` (a list of maps, seen by the template as
  /// `examples`). `raw` and `messages` exclude each other; a prompt that says nothing is an error. Errors carry the
  /// file's own line and column.
  static Result<Prompt, Errors> parse(std::string name, std::string text);

  /// The context is the case's fields at top level and again as `case`, with `vars`, `examples`, `context`. What comes
  /// from `case` or `context` is data; `vars` and `examples` are the author's. Case fields of these four names are seen
  /// under `case` alone, except that a field `context` is also `context` where nothing was retrieved. Errors: a
  /// template that fails, turns that are no messages.
  Result<Rendered> render(const doc::Node& case_fields, const doc::Node& vars,
                          const doc::Node& retrieved = doc::Node()) const;

  const doc::Node& parameters() const { return parameters_; }  ///< A map, or null.
  const std::vector<std::string>& choices() const { return choices_; }
  bool raw() const { return raw_; }
  /// Top-level names the templates need from a case (`vars`, `case`, `examples`, `context` left out), sorted, with the
  /// place of the first use. Names that a template only asks about or gives a default are not needed.
  std::vector<std::pair<std::string, SourcePos>> case_fields() const;

 private:
  struct MessageTemplate {
    std::string role;
    templating::Template content;
  };
  struct Turns {
    std::string field;
    SourcePos at;
  };
  bool has_turns() const;
  Result<void> add_turns(const Turns& turns, const doc::Node& case_fields, Rendered& out) const;

  std::vector<std::variant<MessageTemplate, Turns>> messages_;
  doc::Node parameters_, examples_;
  std::vector<std::string> choices_;
  bool raw_ = false;
};

}  // namespace llmops::prompt

#pragma once
/// \file  What a scorer wants asked before it can tell. Whoever runs the scorers asks; nothing here does.
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"
#include "base/units.h"
#include "doc/node.h"
#include "schema/record.h"
#include "templating/message.h"

namespace llmops::score {

/// A program that scores: a process that is sent a JSON object a line and answers with one.
struct ScorerProgram {
  std::vector<std::string> command;
  std::vector<schema::Placed<std::string>> inputs;  ///< Globs of what it is made of.
  SourcePos at;
  friend bool operator==(const ScorerProgram& a, const ScorerProgram& b) {
    return a.command == b.command && a.inputs == b.inputs;
  }
};

/// Models by their names in the recipe, and programs. `embedders` are models as well, asked for vectors; a name that is
/// empty is one that nobody has given.
struct Asks {
  std::vector<schema::Placed<std::string>> models, embedders;
  std::vector<ScorerProgram> programs;
  bool empty() const { return models.empty() && embedders.empty() && programs.empty(); }
};

/// One question. To a model: messages, and choices where the answer must be one of them; to one that embeds: `embed`.
/// To a program: `line`.
struct Inquiry {
  std::variant<std::string, ScorerProgram> whom;
  std::vector<templating::Message> messages;
  std::vector<std::string> choices;
  doc::Node line;
  std::optional<std::string> embed;  ///< The text whose vector is wanted.
};

/// An answer to a question; to a program's, the JSON that it wrote.
struct Reply {
  std::string text;
  std::string finish_reason;
  std::vector<float> vector;  ///< Where one was wanted.
};

/// Something found out by asking, in one round or more.
template <class Found>
class Asking {
 public:
  /// What is found, or what to ask next.
  using Step = std::variant<Found, std::vector<Inquiry>>;
  virtual ~Asking() = default;
  /// Called first without replies, then with one for each question of the last step, in their order.
  virtual Result<Step> go_on(std::vector<Result<Reply>> replies) = 0;
};

/// Found at once, or to be asked for.
template <class Found>
using Begun = std::variant<Found, std::unique_ptr<Asking<Found>>>;

}  // namespace llmops::score

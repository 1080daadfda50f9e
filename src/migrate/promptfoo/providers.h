#pragma once
/// \file  `providers:` as models. Private to this room.
#include <optional>
#include <string>
#include <vector>

#include "migrate/folder.h"
#include "migrate/imported.h"
#include "migrate/names.h"
#include "migrate/notes.h"

namespace llmops::migrate::promptfoo {

struct Provider {
  std::string name;                                 ///< In the recipe.
  std::vector<std::string> called;                  ///< What filters may call it: its id and its label.
  doc::Node model;                                  ///< As a recipe has it under `models:`.
  std::optional<std::vector<std::string>> prompts;  ///< Only these, by what they are called.
  bool runs_program = false;                        ///< Through the program in `exec_adapter`.
};

/// Reads providers wherever they are written, giving each model one name.
class Providers {
 public:
  Providers(const Folder& folder, std::string adapter, Notes& notes)
      : folder_(folder), adapter_(std::move(adapter)), notes_(notes) {}

  /// Of `providers:` or a part of it: a text, a list, a map, a file that holds them. What can't be carried is noted.
  std::vector<Provider> read(const doc::Node& written);

 private:
  void add(const doc::Node& written, std::vector<Provider>& out);
  void add_file(const std::string& path, const SourcePos& at, std::vector<Provider>& out);
  void add_one(const std::string& id, const doc::Node& options, const SourcePos& at, std::vector<Provider>& out);
  bool make(const std::string& id, const doc::Node& config, const SourcePos& at, Provider& out);
  bool make_program(const std::string& command, const SourcePos& at, Provider& out);
  void add_endpoint(const doc::Node& config, doc::Node& model);
  void add_parameters(const doc::Node& config, doc::Node& model);

  const Folder& folder_;
  std::string adapter_;  ///< Where the adapter's file is.
  Notes& notes_;
  Names names_;
};

/// A program that asks another one as promptfoo does: the prompt is its first argument, its output the answer.
std::string_view exec_adapter();

/// `{{env.NAME}}` as a recipe writes it, secret where it is a key's.
enum class Use { plain, secret };
std::string with_environment(const std::string& text, Use use);

}  // namespace llmops::migrate::promptfoo

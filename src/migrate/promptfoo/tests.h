#pragma once
/// \file  `tests:`, `defaultTest:` and `scenarios:` as cases. Private to this room.
#include <optional>
#include <string>
#include <vector>

#include "migrate/folder.h"
#include "migrate/notes.h"

namespace llmops::migrate::promptfoo {

/// A test as written, or what several put together.
struct Test {
  SourcePos at;
  std::string description;
  doc::Node variables = doc::Node::map();
  doc::List assertions;
  std::optional<double> threshold;
  doc::Node metadata;
  doc::Node transform;                                         ///< `options.transform`; null where there is none.
  doc::Node provider;                                          ///< Asked in place of all; null where there is none.
  doc::Node grader;                                            ///< `options.provider`.
  std::optional<std::vector<std::string>> prompts, providers;  ///< Filters.
  std::string prefix, suffix;
};

/// `defaultTest`: what all tests have.
Test default_test(const doc::Node& written, const Folder& folder, Notes& notes);

/// The tests of a configuration, each with what `common` says of all but its assertions, and a list among its
/// variables made one test for each item.
std::vector<Test> tests_of(const doc::Node& config, const Test& common, const Folder& folder, Notes& notes);

}  // namespace llmops::migrate::promptfoo

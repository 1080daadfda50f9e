#pragma once
/// \file  Where the schemas of a document stand, and by which names they can be referred to. Private to this folder.
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "doc/node.h"
#include "score/json_schema/validator.h"

namespace llmops::score::json_schema {

/// A schema with an identity of its own (`$id`), or the document.
struct Resource {
  std::string uri;  ///< Absolute where the document says so; without a fragment.
  const doc::Node* root = nullptr;
  std::map<std::string, const doc::Node*, std::less<>> anchors, dynamic_anchors;
};

/// A schema, and the resource that it belongs to.
struct Target {
  const doc::Node* node = nullptr;
  std::size_t resource = 0;
};

/// All of a document that outlives this.
class Resources {
 public:
  /// What is wrong (an `$id` with a fragment, one given twice, another draft within) goes into `errors`.
  static Resources of(const doc::Node& document, Draft draft, Errors& errors);

  /// Every schema that stands where the draft has schemas, the document first.
  const std::vector<Target>& schemas() const { return schemas_; }
  const std::vector<Resource>& all() const { return resources_; }
  /// What a reference written in a schema of this resource names. Errors: it is outside the document, or is not there.
  Result<Target> find(const doc::Node& reference, std::size_t resource);

 private:
  void add(const doc::Node& schema, std::size_t resource);
  std::size_t identify(const doc::Node& schema, std::size_t resource);
  void add_anchor(const doc::Node* name, const doc::Node& schema, std::size_t resource);
  Result<Target> follow(std::string_view pointer, Target from, const doc::Node& reference);
  const doc::Node* step(const doc::Node& from, std::string_view token);

  Draft draft_ = Draft::draft2020_12;
  Errors* errors_ = nullptr;  ///< While it is made.
  std::vector<Resource> resources_;
  std::map<std::string, std::size_t, std::less<>> by_uri_;
  std::vector<Target> schemas_;
  std::unordered_map<const doc::Node*, std::size_t> resource_of_;
  /// Maps that pointers went through, by key, where they are too large to be searched for each.
  std::unordered_map<const doc::Node*, std::unordered_map<std::string_view, const doc::Node*>> large_maps_;
};

/// The draft that `$schema` names, `otherwise` where it is not there. Errors: another one.
Result<Draft> draft_of(const doc::Node& schema, Draft otherwise);

}  // namespace llmops::score::json_schema

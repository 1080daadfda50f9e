#include "score/json_schema/resources.h"

#include "base/text.h"
#include "score/json_schema/keywords.h"
#include "score/json_schema/pointer.h"
#include "score/json_schema/uri.h"

namespace llmops::score::json_schema {
namespace {

std::string quoted(std::string_view text) { return "`" + text::shorten(text, 80) + "`"; }

const doc::Node* string_at(const doc::Node& schema, std::string_view key) {
  const auto* found = schema.find(key);
  return found && found->is_string() ? found : nullptr;
}

}  // namespace

Result<Draft> draft_of(const doc::Node& schema, Draft otherwise) {
  const auto* written = schema.find("$schema");
  if (!written) return otherwise;
  auto name = written->text();
  if (name.ends_with('#')) name.pop_back();
  if (name == "http://json-schema.org/draft-07/schema") return Draft::draft7;
  if (name == "https://json-schema.org/draft/2020-12/schema") return Draft::draft2020_12;
  return invalid_error(
      "expected `$schema` to be one that is known here, found " + quoted(written->text()), written->at(),
      "write `http://json-schema.org/draft-07/schema#` or `https://json-schema.org/draft/2020-12/schema`");
}

Resources Resources::of(const doc::Node& document, Draft draft, Errors& errors) {
  Resources out;
  out.draft_ = draft;
  out.errors_ = &errors;
  out.resources_.push_back({"", &document, {}, {}});
  out.by_uri_.emplace("", 0);
  out.add(document, 0);
  for (std::size_t next = 0; next < out.schemas_.size(); ++next) {
    const auto [node, resource] = out.schemas_[next];
    for_each_subschema(*node, draft, [&, from = resource](const doc::Node& below) { out.add(below, from); });
  }
  out.errors_ = nullptr;
  return out;
}

void Resources::add(const doc::Node& schema, std::size_t resource) {
  if (schema.is_map()) resource = identify(schema, resource);
  schemas_.push_back({&schema, resource});
  resource_of_.emplace(&schema, resource);
}

std::size_t Resources::identify(const doc::Node& schema, std::size_t resource) {
  if (const auto draft = draft_of(schema, draft_); !draft || *draft != draft_) {
    if (schemas_.empty()) return resource;  // The caller has said so.
    errors_->push_back(draft ? invalid_error("a schema within has another `$schema` than the whole",
                                             schema.find("$schema")->at(), "write all in one draft")
                             : draft.error());
    return resource;
  }
  if (draft_ == Draft::draft7 && schema.find("$ref")) return resource;  // Its siblings are ignored.
  if (const auto* id = string_at(schema, "$id")) {
    const auto [document, fragment] = split_fragment(resolve_uri(resources_[resource].uri, id->as_string()));
    if (!fragment.empty() && draft_ == Draft::draft2020_12) {
      errors_->push_back(invalid_error("expected an `$id` without a fragment, found " + quoted(id->as_string()),
                                       id->at(), "name a part by `$anchor`"));
    }
    if (!id->as_string().starts_with('#')) {
      resources_.push_back({document, &schema, {}, {}});
      resource = resources_.size() - 1;
      if (schemas_.empty()) by_uri_.clear();  // The document is known by this name only.
      if (!by_uri_.emplace(document, resource).second) {
        errors_->push_back(
            invalid_error("two schemas have the `$id` " + quoted(document), id->at(), "rename one of them"));
      }
    }
    if (!fragment.empty()) resources_[resource].anchors.emplace(fragment, &schema);
  }
  if (draft_ == Draft::draft2020_12) {
    if (const auto* name = string_at(schema, "$anchor")) add_anchor(name, schema, resource);
    if (const auto* name = string_at(schema, "$dynamicAnchor")) {
      add_anchor(name, schema, resource);
      resources_[resource].dynamic_anchors.emplace(name->as_string(), &schema);
    }
  }
  return resource;
}

void Resources::add_anchor(const doc::Node* name, const doc::Node& schema, std::size_t resource) {
  const auto [at, added] = resources_[resource].anchors.emplace(name->as_string(), &schema);
  if (added || at->second == &schema) return;
  errors_->push_back(
      invalid_error("two schemas have the anchor " + quoted(name->as_string()), name->at(), "rename one of them"));
}

Result<Target> Resources::find(const doc::Node& reference, std::size_t resource) {
  const auto& written = reference.as_string();
  const auto [document, fragment] = split_fragment(resolve_uri(resources_[resource].uri, written));
  const auto found = by_uri_.find(document);
  if (found == by_uri_.end()) {
    return invalid_error("reference " + quoted(written) + " leads out of this schema, where nothing is read",
                         reference.at(), "put the schema it means below `$defs`, with its `$id`");
  }
  const Target root{resources_[found->second].root, found->second};
  if (fragment.empty()) return root;
  if (fragment.starts_with('/')) return follow(fragment, root, reference);
  const auto& anchors = resources_[root.resource].anchors;
  if (const auto anchor = anchors.find(fragment); anchor != anchors.end()) return Target{anchor->second, root.resource};
  std::vector<std::string> known;
  constexpr std::size_t kMostSearched = 100;
  if (anchors.size() <= kMostSearched) {
    for (const auto& [name, node] : anchors) known.push_back(name);
  }
  return invalid_error("reference " + quoted(written) + " names an anchor that is not there", reference.at(),
                       text::did_you_mean(fragment, known));
}

Result<Target> Resources::follow(std::string_view pointer, Target from, const doc::Node& reference) {
  const auto tokens = pointer_tokens(pointer).value_or(std::vector<std::string>{});
  for (const auto& token : tokens) {
    const auto* below = step(*from.node, token);
    if (!below) {
      return invalid_error(
          "reference " + quoted(reference.as_string()) + " leads nowhere: there is no " + quoted(token) + " on its way",
          reference.at(), "a pointer starts at the schema's root, as in `#/$defs/name`");
    }
    from.node = below;
    if (const auto known = resource_of_.find(below); known != resource_of_.end()) from.resource = known->second;
  }
  return from;
}

const doc::Node* Resources::step(const doc::Node& from, std::string_view token) {
  constexpr std::size_t kLarge = 64;
  if (!from.is_map() || from.size() < kLarge) return step_to(from, token);
  auto& by_key = large_maps_[&from];
  if (by_key.empty()) {
    for (const auto& entry : from.entries()) by_key.emplace(entry.key, &entry.value);
  }
  const auto found = by_key.find(token);
  return found == by_key.end() ? nullptr : found->second;
}

}  // namespace llmops::score::json_schema

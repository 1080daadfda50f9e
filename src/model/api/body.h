#pragma once
/// \file  A request's JSON object, written key by key.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/json_text.h"
#include "model/query.h"

namespace llmops::model::api {

/// What `parameters.extra` has under a key wins over ours.
class Body {
 public:
  /// The query must outlive this.
  explicit Body(const Query& query);

  /// Whether `extra` leaves this key to us.
  bool ours(std::string_view key) const { return extra_.find(key) == nullptr; }
  /// Begins a value.
  JsonText& key(std::string_view key);
  /// Writes a value where there is one and the key is ours.
  template <class T>
  Body& set(std::string_view name, const std::optional<T>& value) {
    if (value && ours(name)) key(name).number(*value);
    return *this;
  }
  Body& set(std::string_view name, const std::vector<std::string>& texts);
  Body& raw(std::string_view name, std::string_view json);
  /// Adds what `extra` has, but the key `without`, and closes the object.
  std::string finish(std::string_view without = {});

 private:
  const doc::Node& extra_;
  JsonText out_;
};

/// The seed of a query's own repeat, wrapped around where the sum is too large.
std::optional<std::int64_t> seed_of(const Query& query);

/// Of a model that answers. Kind `invalid` where a message or a choice is not UTF-8, or a vector is asked for.
Result<void> check_texts(const Query& query);

/// How many messages stand at the beginning that instruct the model (role `system` or `developer`).
std::size_t leading_instructions(const std::vector<templating::Message>& messages);
/// The texts of the first `count` messages, an empty line between two.
templating::Text joined(const std::vector<templating::Message>& messages, std::size_t count);

}  // namespace llmops::model::api

#pragma once
/// \file  One validation of one value. Private to this folder.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "score/json_schema/program.h"
#include "score/json_schema/validator.h"

namespace llmops::score::json_schema {

/// First only asked whether; where not, a second run that `explains` finds out why. Lives on one thread.
class Run {
 public:
  enum class Mode { decide, explain };
  Run(const Program& program, Mode mode) : program_(program), explaining_(mode == Mode::explain) {}

  /// The whole schema against the whole value.
  bool decide(const doc::Node& value) { return evaluate(0, value, nullptr); }
  std::optional<Violation>& violation() { return violation_; }
  /// Why it was given up; then what was decided means nothing.
  std::optional<Error>& gave_up() { return gave_up_; }

  // For keywords.
  /// Another schema on the same value; what it looked at counts where it holds.
  bool apply(std::size_t schema, const doc::Node& value, Seen* seen);
  /// The same where its failure is no violation by itself.
  bool try_apply(std::size_t schema, const doc::Node& value, Seen* seen);
  /// A schema on a member or an item.
  bool descend(std::size_t schema, const doc::Entry& member);
  bool descend(std::size_t schema, const doc::Node& item, std::size_t index);
  bool try_descend(std::size_t schema, const doc::Node& item, std::size_t index);
  /// The schema that a `$dynamicRef` with this anchor means here: the outermost one, else `otherwise`.
  std::size_t dynamic_target(std::string_view anchor, std::size_t otherwise) const;

  /// False where the bound on work is passed. A unit is about what looking at one value costs.
  bool spend(std::size_t units);
  bool explaining() const { return explaining_; }
  /// Says why, where somebody asks; gives false.
  template <class Message>
  bool fail(Message&& message) {
    if (explaining_ && !violation_) violation_ = Violation{pointer(), message()};
    return false;
  }
  /// Takes what failed last, for a keyword that says more of it.
  std::optional<Violation> take_violation() { return std::exchange(violation_, std::nullopt); }
  std::size_t depth_of_place() const { return path_.size(); }

 private:
  struct Step {
    const std::string* key;  ///< Null for an index.
    std::size_t index;
  };

  bool evaluate(std::size_t schema, const doc::Node& value, Seen* seen);
  bool run_units(const Subschema& schema, const doc::Node& value, Seen* seen);
  std::string pointer() const;
  void give_up(std::string why, std::string hint);

  const Program& program_;
  bool explaining_;
  std::uint64_t spent_ = 0;
  std::size_t depth_ = 0;
  std::vector<Step> path_;
  std::vector<std::size_t> scope_;  ///< Resources, outermost first; only where the program is dynamic.
  std::optional<Violation> violation_;
  std::optional<Error> gave_up_;
};

}  // namespace llmops::score::json_schema

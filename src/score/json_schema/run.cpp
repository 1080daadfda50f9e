#include "score/json_schema/run.h"

#include "score/json_schema/pointer.h"

namespace llmops::score::json_schema {
namespace {

constexpr std::uint64_t kMostWork = 100'000'000;
/// Of schemas within schemas on the way to one value. A level takes some hundred bytes of stack.
constexpr std::size_t kMostDepth = 1'500;

}  // namespace

bool Run::spend(std::size_t units) {
  spent_ += units;
  if (spent_ > kMostWork) give_up("the value could not be held against the schema: it takes too many steps", "");
  return !gave_up_;
}

void Run::give_up(std::string why, std::string hint) {
  if (!gave_up_) gave_up_ = invalid_error(std::move(why), {}, std::move(hint));
}

bool Run::evaluate(std::size_t index, const doc::Node& value, Seen* seen) {
  const auto& schema = program_.subschemas[index];
  if (!spend(1 + schema.units.size())) return false;
  if (schema.never) return fail([] { return std::string("is not allowed"); });
  if (schema.units.empty()) return true;
  if (depth_ == kMostDepth) {
    give_up("the value could not be held against the schema: schemas are nested more than 1,500 deep",
            "a `$ref` or `$dynamicRef` may lead back to itself");
    return false;
  }
  ++depth_;
  const bool enters = program_.dynamic && (scope_.empty() || scope_.back() != schema.resource);
  if (enters) scope_.push_back(schema.resource);
  Seen own;
  const bool good = run_units(schema, value, seen || !schema.asks_seen ? seen : &own);
  if (enters) scope_.pop_back();
  --depth_;
  return good;
}

bool Run::run_units(const Subschema& schema, const doc::Node& value, Seen* seen) {
  const auto kind = bit(value.kind());
  for (const auto& unit : schema.units) {
    if ((unit.kinds & kind) && !unit.keyword->holds(value, *this, seen)) return false;
  }
  return !gave_up_;
}

bool Run::apply(std::size_t schema, const doc::Node& value, Seen* seen) {
  if (!seen) return evaluate(schema, value, nullptr);
  Seen branch;
  if (!evaluate(schema, value, &branch) || !spend(value.size() / 8)) return false;
  seen->merge(branch);
  return true;
}

bool Run::try_apply(std::size_t schema, const doc::Node& value, Seen* seen) {
  const bool before = std::exchange(explaining_, false);
  const bool good = apply(schema, value, seen);
  explaining_ = before;
  return good;
}

bool Run::descend(std::size_t schema, const doc::Entry& member) {
  path_.push_back({&member.key, 0});
  const bool good = evaluate(schema, member.value, nullptr);
  path_.pop_back();
  return good;
}

bool Run::descend(std::size_t schema, const doc::Node& item, std::size_t index) {
  path_.push_back({nullptr, index});
  const bool good = evaluate(schema, item, nullptr);
  path_.pop_back();
  return good;
}

bool Run::try_descend(std::size_t schema, const doc::Node& item, std::size_t index) {
  const bool before = std::exchange(explaining_, false);
  const bool good = descend(schema, item, index);
  explaining_ = before;
  return good;
}

std::size_t Run::dynamic_target(std::string_view anchor, std::size_t otherwise) const {
  for (const auto resource : scope_) {
    const auto& anchors = program_.dynamic_anchors[resource];
    if (const auto found = anchors.find(anchor); found != anchors.end()) return found->second;
  }
  return otherwise;
}

std::string Run::pointer() const {
  std::string out;
  for (const auto& step : path_) out += pointer_token(step.key ? *step.key : std::to_string(step.index));
  return out;
}

}  // namespace llmops::score::json_schema

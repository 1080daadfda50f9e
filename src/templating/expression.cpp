#include "templating/expression.h"

#include <algorithm>
#include <compare>
#include <optional>

#include "templating/expression_tree.h"
#include "templating/truth.h"

namespace llmops::templating {
namespace {

using doc::Node;

/// Evaluates with one lookup; every name on the way is looked up, so that a wrong one is found early.
class Evaluation {
 public:
  explicit Evaluation(const Lookup& lookup) : lookup_(lookup) {}

  Result<Looked> of(const ExpressionNode& node) const {
    return std::visit([&](const auto& what) { return value(what, node.at); }, node.what);
  }

 private:
  Result<Looked> value(const Literal& literal, const SourcePos&) const { return Looked(literal.value); }

  Result<Looked> value(const ListLiteral& list, const SourcePos&) const {
    Node out = Node::list();
    std::optional<Pending> waits;
    for (const auto& item : list.items) {
      TRY(auto looked, of(*item));
      if (auto* pending = std::get_if<Pending>(&looked)) {
        waits = std::move(*pending);
      } else {
        out.push_back(std::get<Node>(std::move(looked)));
      }
    }
    if (waits) return Looked(*std::move(waits));
    return Looked(std::move(out));
  }

  Result<Looked> value(const Name& name, const SourcePos&) const {
    auto looked = lookup_(name.reference);
    if (!name.otherwise) return looked;
    if (!looked) {
      if (name.reference.root() != "env") return looked;
      return Looked(Node(*name.otherwise));
    }
    const auto* known = std::get_if<Node>(&*looked);
    if (!known && name.reference.root() == "env") return Looked(Node(*name.otherwise));  // It is not set now.
    const bool empty = known != nullptr && (known->is_null() || (known->is_string() && known->as_string().empty()));
    if (empty) return Looked(Node(*name.otherwise));
    return looked;
  }

  Result<Looked> value(const Negation& negation, const SourcePos&) const {
    TRY(auto looked, of(*negation.of));
    if (std::holds_alternative<Pending>(looked)) return looked;
    TRY(const bool holds, truth(std::get<Node>(looked), negation.of->at));
    return Looked(Node(!holds));
  }

  Result<Looked> value(const Binary& binary, const SourcePos& at) const {
    if (binary.op == Operator::both || binary.op == Operator::either) return logical(binary);
    TRY(auto left, of(*binary.left));
    TRY(auto right, of(*binary.right));
    if (std::holds_alternative<Pending>(left)) return left;
    if (std::holds_alternative<Pending>(right)) return right;
    return compare(binary.op, std::get<Node>(left), std::get<Node>(right), at);
  }

  /// `decider` is the value of one side that settles the whole: false for `&&`, true for `||`.
  Result<Looked> logical(const Binary& binary) const {
    const bool decider = binary.op == Operator::either;
    TRY(auto left, of(*binary.left));
    const bool left_pending = std::holds_alternative<Pending>(left);
    if (!left_pending) {
      TRY(const bool holds, truth(std::get<Node>(left), binary.left->at));
      if (holds == decider) return Looked(Node(decider));
    }
    TRY(auto right, of(*binary.right));
    if (std::holds_alternative<Pending>(right)) return left_pending ? left : right;
    TRY(const bool right_value, truth(std::get<Node>(right), binary.right->at));
    if (left_pending && right_value != decider) return left;
    return Looked(Node(right_value));
  }

  static Error mismatch(Operator op, const Node& left, const Node& right, const SourcePos& at) {
    return invalid_error("`" + std::string(spelling(op)) + "` does not work between " +
                             std::string(doc::describe(left.kind())) + " and " +
                             std::string(doc::describe(right.kind())),
                         at);
  }

  static Result<Looked> compare(Operator op, const Node& left, const Node& right, const SourcePos& at) {
    switch (op) {
      case Operator::equal:
      case Operator::not_equal: {
        const bool comparable =
            left.kind() == right.kind() || (left.is_number() && right.is_number()) || left.is_null() || right.is_null();
        if (!comparable) return mismatch(op, left, right, at);
        return Looked(Node((left == right) == (op == Operator::equal)));
      }
      case Operator::in:
      case Operator::not_in:
        return membership(op, left, right, at);
      default:
        return ordering(op, left, right, at);
    }
  }

  static Result<Looked> membership(Operator op, const Node& left, const Node& right, const SourcePos& at) {
    bool found = false;
    if (right.is_list()) {
      found = std::find(right.items().begin(), right.items().end(), left) != right.items().end();
    } else if (right.is_map() && left.is_string()) {
      found = right.find(left.as_string()) != nullptr;
    } else if (right.is_string() && left.is_string()) {
      found = right.as_string().find(left.as_string()) != std::string::npos;
    } else {
      return mismatch(op, left, right, at);
    }
    return Looked(Node(found == (op == Operator::in)));
  }

  static Result<Looked> ordering(Operator op, const Node& left, const Node& right, const SourcePos& at) {
    std::partial_ordering order = std::partial_ordering::unordered;
    if (left.is_int() && right.is_int()) {
      order = left.as_int() <=> right.as_int();
    } else if (left.is_number() && right.is_number()) {
      order = left.as_double() <=> right.as_double();
    } else if (left.is_string() && right.is_string()) {
      order = left.as_string() <=> right.as_string();
    } else {
      return mismatch(op, left, right, at);
    }
    switch (op) {
      case Operator::less:
        return Looked(Node(order < 0));
      case Operator::less_equal:
        return Looked(Node(order <= 0));
      case Operator::greater:
        return Looked(Node(order > 0));
      default:
        return Looked(Node(order >= 0));
    }
  }

  const Lookup& lookup_;
};

}  // namespace

std::string_view spelling(Operator op) {
  switch (op) {
    case Operator::equal:
      return "==";
    case Operator::not_equal:
      return "!=";
    case Operator::less:
      return "<";
    case Operator::less_equal:
      return "<=";
    case Operator::greater:
      return ">";
    case Operator::greater_equal:
      return ">=";
    case Operator::in:
      return "in";
    case Operator::not_in:
      return "not in";
    case Operator::both:
      return "&&";
    case Operator::either:
      return "||";
  }
  return "";
}

std::string Reference::name(std::size_t index) const {
  if (index >= path.size()) return {};
  const auto* part = std::get_if<std::string>(&path[index]);
  return part != nullptr ? *part : std::string();
}

bool truthy(const doc::Node& value) {
  switch (value.kind()) {
    case doc::Kind::null:
      return false;
    case doc::Kind::boolean:
      return value.as_bool();
    case doc::Kind::integer:
      return value.as_int() != 0;
    case doc::Kind::real:
      return value.as_double() != 0;
    case doc::Kind::string:
      return !value.as_string().empty();
    case doc::Kind::list:
    case doc::Kind::map:
      return value.size() != 0;
  }
  return false;
}

Result<Expression> Expression::parse(std::string_view text, SourcePos at) {
  TRY(auto tree, parse_expression(text, at));
  Expression out;
  out.tree_ = std::make_shared<const Tree>(std::move(tree));
  return out;
}

const std::vector<Reference>& Expression::references() const { return tree_->references; }

Result<Looked> Expression::evaluate(const Lookup& lookup) const { return Evaluation(lookup).of(*tree_->root); }

}  // namespace llmops::templating

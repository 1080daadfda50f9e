#include "templating/free_names.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "jinja/runtime.h"

namespace llmops::templating {
namespace {

template <class T>
const T* as(const jinja::statement* node) {
  return dynamic_cast<const T*>(node);
}

bool is_engines_own(const std::string& name) {
  static const std::set<std::string> constants = {"true", "True", "false", "False", "none", "None"};
  return constants.contains(name) || jinja::global_builtins().contains(name);
}

class Walk {
 public:
  FreeNames done() && { return std::move(found_); }

  /// A macro's body sees what is set around it by the time of the call, so it comes last.
  void block(const jinja::statements& body) {
    for (const auto& item : body) node(item.get());
    for (const auto& item : body) {
      if (const auto* macro = as<jinja::macro_statement>(item.get())) macro_body(*macro);
    }
  }

 private:
  using Scope = std::set<std::string>;

  void node(const jinja::statement* item) {
    if (item == nullptr) return;
    if (const auto* name = as<jinja::identifier>(item)) return read(*name);
    if (is_statement(item)) return;
    if (is_container(item)) return;
    expression(item);
  }

  bool is_statement(const jinja::statement* item) {
    if (const auto* loop = as<jinja::for_statement>(item)) {
      for_loop(*loop);
    } else if (const auto* branch = as<jinja::if_statement>(item)) {
      node(branch->test.get());
      block(branch->body);
      block(branch->alternate);
    } else if (const auto* set = as<jinja::set_statement>(item)) {
      node(set->val.get());
      block(set->body);
      assign(set->assignee.get());
    } else if (const auto* macro = as<jinja::macro_statement>(item)) {
      bind(macro->name.get());
    } else if (const auto* call = as<jinja::call_statement>(item)) {
      node(call->call.get());
      body_with_parameters(call->caller_args, call->body);
    } else if (const auto* filter = as<jinja::filter_statement>(item)) {
      note_filter(filter->filter.get());
      arguments_of(filter->filter.get());
      block(filter->body);
    } else if (as<jinja::break_statement>(item) != nullptr || as<jinja::continue_statement>(item) != nullptr) {
      if (loops_ == 0 && !found_.stray_jump) found_.stray_jump = item->pos;
    } else {
      return false;
    }
    return true;
  }

  bool is_container(const jinja::statement* item) {
    if (const auto* array = as<jinja::array_literal>(item)) {
      each(array->val);
    } else if (const auto* tuple = as<jinja::tuple_literal>(item)) {
      each(tuple->val);
    } else if (const auto* object = as<jinja::object_literal>(item)) {
      for (const auto& [key, value] : object->val) {
        node(key.get());
        node(value.get());
      }
    } else {
      return false;
    }
    return true;
  }

  void expression(const jinja::statement* item) {
    if (const auto* member = as<jinja::member_expression>(item)) {
      node(member->object.get());
      if (member->computed) node(member->property.get());
    } else if (const auto* call = as<jinja::call_expression>(item)) {
      node(call->callee.get());
      each(call->args);
    } else if (const auto* filter = as<jinja::filter_expression>(item)) {
      note_filter(filter->filter.get());
      operand(filter->operand.get(), filter->filter.get(), {"default", "d"});
    } else if (const auto* test = as<jinja::test_expression>(item)) {
      operand(test->operand.get(), test->test.get(), {"defined", "undefined"});
    } else if (const auto* binary = as<jinja::binary_expression>(item)) {
      node(binary->left.get());
      node(binary->right.get());
    } else if (const auto* unary = as<jinja::unary_expression>(item)) {
      node(unary->argument.get());
    } else {
      rarer_expression(item);
    }
  }

  void rarer_expression(const jinja::statement* item) {
    if (const auto* select = as<jinja::select_expression>(item)) {
      node(select->test.get());
      node(select->lhs.get());
    } else if (const auto* ternary = as<jinja::ternary_expression>(item)) {
      node(ternary->condition.get());
      node(ternary->true_expr.get());
      node(ternary->false_expr.get());
    } else if (const auto* slice = as<jinja::slice_expression>(item)) {
      node(slice->start_expr.get());
      node(slice->stop_expr.get());
      node(slice->step_expr.get());
    } else if (const auto* keyword = as<jinja::keyword_argument_expression>(item)) {
      node(keyword->val.get());
    } else if (const auto* spread = as<jinja::spread_expression>(item)) {
      node(spread->argument.get());
    }
  }

  void each(const jinja::statements& items) {
    for (const auto& item : items) node(item.get());
  }

  void read(const jinja::identifier& name) {
    const bool own = std::any_of(scopes_.begin(), scopes_.end(), [&](const auto& s) { return s.contains(name.val); });
    if (own || is_engines_own(name.val)) return;
    const auto [at, added] = found_.reads.emplace(name.val, name.pos);
    if (!added) at->second = std::min(at->second, name.pos);
  }

  /// A filter's or test's own name is no variable; what it is applied to may be optional.
  void operand(const jinja::statement* of, const jinja::statement* applied, std::initializer_list<const char*> soft) {
    const auto* call = as<jinja::call_expression>(applied);
    const auto* name = as<jinja::identifier>(call != nullptr ? call->callee.get() : applied);
    if (name != nullptr && std::find(soft.begin(), soft.end(), name->val) != soft.end()) {
      const auto* root = of;
      while (const auto* member = as<jinja::member_expression>(root)) root = member->object.get();
      if (const auto* variable = as<jinja::identifier>(root)) found_.optional.insert(variable->val);
    }
    node(of);
    arguments_of(applied);
  }

  void note_filter(const jinja::statement* applied) {
    const auto* call = as<jinja::call_expression>(applied);
    const auto* name = as<jinja::identifier>(call != nullptr ? call->callee.get() : applied);
    if (name != nullptr) found_.filters.emplace(name->val, name->pos);
  }

  void arguments_of(const jinja::statement* applied) {
    if (const auto* call = as<jinja::call_expression>(applied)) each(call->args);
  }

  void bind(const jinja::statement* target) {
    if (const auto* name = as<jinja::identifier>(target)) {
      scopes_.back().insert(name->val);
    } else if (const auto* tuple = as<jinja::tuple_literal>(target)) {
      for (const auto& item : tuple->val) bind(item.get());
    }
  }

  void assign(const jinja::statement* target) {
    if (as<jinja::member_expression>(target) != nullptr) return node(target);
    bind(target);
  }

  void for_loop(const jinja::for_statement& loop) {
    const auto* select = as<jinja::select_expression>(loop.iterable.get());
    node(select != nullptr ? select->lhs.get() : loop.iterable.get());
    scopes_.push_back({"loop"});
    ++loops_;
    bind(loop.loopvar.get());
    if (select != nullptr) node(select->test.get());
    block(loop.body);
    --loops_;
    scopes_.pop_back();
    block(loop.default_block);
  }

  void macro_body(const jinja::macro_statement& macro) { body_with_parameters(macro.args, macro.body); }

  void body_with_parameters(const jinja::statements& parameters, const jinja::statements& body) {
    Scope scope = {"caller"};
    for (const auto& parameter : parameters) {
      const auto* keyword = as<jinja::keyword_argument_expression>(parameter.get());
      if (keyword != nullptr) node(keyword->val.get());
      const auto* name = as<jinja::identifier>(keyword != nullptr ? keyword->key.get() : parameter.get());
      if (name != nullptr) scope.insert(name->val);
    }
    scopes_.push_back(std::move(scope));
    const auto loops = std::exchange(loops_, 0);
    block(body);
    loops_ = loops;
    scopes_.pop_back();
  }

  FreeNames found_;
  std::vector<Scope> scopes_ = {Scope{}};
  int loops_ = 0;
};

}  // namespace

const std::set<std::string>& known_filters() {
  static const auto known = [] {
    // The first is the engine's own for maps, the others stand for another name.
    std::set<std::string> out = {"default", "d", "count", "trim"};
    const jinja::value samples[] = {jinja::mk_val<jinja::value_int>(0),     jinja::mk_val<jinja::value_float>(0.0),
                                    jinja::mk_val<jinja::value_string>(""), jinja::mk_val<jinja::value_bool>(false),
                                    jinja::mk_val<jinja::value_array>(),    jinja::mk_val<jinja::value_object>(),
                                    jinja::mk_val<jinja::value_none>(),     jinja::mk_val<jinja::value_undefined>()};
    for (const auto& sample : samples) {
      for (const auto& [name, handler] : sample->get_builtins()) {
        if (!name.starts_with("test_is")) out.insert(name);
      }
    }
    if (out.contains("escape")) out.insert("e");
    return out;
  }();
  return known;
}

FreeNames free_names(const jinja::program& program) {
  Walk walk;
  walk.block(program.body);
  return std::move(walk).done();
}

}  // namespace llmops::templating

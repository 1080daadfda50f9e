#pragma once
/// \file  A value, or why there is none. Method names are those of std::expected, so that a later swap is one `using`.
#include <concepts>
#include <cstdlib>
#include <type_traits>
#include <utility>
#include <variant>

#include "base/error.h"

namespace llmops {

template <class E>
struct Unexpected {
  E error;
};
template <class E>
Unexpected(E) -> Unexpected<E>;

template <class T, class E = Error>
class [[nodiscard]] Result {
  using Stored = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

 public:
  using value_type = T;
  using error_type = E;

  Result() requires std::is_void_v<T>
  = default;
  template <class U = Stored>
  requires(!std::is_void_v<T> && std::constructible_from<Stored, U&&> &&
           !std::same_as<std::remove_cvref_t<U>, Result> && !std::same_as<std::remove_cvref_t<U>, E>) Result(U&& value)
      : held_(std::in_place_index<0>, std::forward<U>(value)) {}
  Result(E error) : held_(std::in_place_index<1>, std::move(error)) {}
  /// An error of one thing is also a failure that lists several.
  Result(Error error) requires std::same_as<E, Errors> : held_(std::in_place_index<1>, Errors{std::move(error)}) {}
  template <class F>
  requires std::constructible_from<Result, F> Result(Unexpected<F> failure) : Result(std::move(failure.error)) {}

  bool has_value() const { return held_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  template <class U = Stored>
  U& value() & {
    return std::get<0>(held_);
  }
  template <class U = Stored>
  const U& value() const& {
    return std::get<0>(held_);
  }
  template <class U = Stored>
  U&& value() && {
    return std::get<0>(std::move(held_));
  }
  template <class U = Stored>
  U& operator*() & {
    return value();
  }
  template <class U = Stored>
  const U& operator*() const& {
    return value();
  }
  template <class U = Stored>
  U&& operator*() && {
    return std::move(*this).value();
  }
  auto* operator->() { return &value(); }
  const auto* operator->() const { return &value(); }

  E& error() & { return std::get<1>(held_); }
  const E& error() const& { return std::get<1>(held_); }
  E&& error() && { return std::get<1>(std::move(held_)); }

  template <class U>
  Stored value_or(U&& other) const& {
    return has_value() ? value() : static_cast<Stored>(std::forward<U>(other));
  }

 private:
  std::variant<Stored, E> held_;
};

namespace detail {
template <class R>
auto failure_of(R&& result) {
  return Unexpected<typename std::remove_cvref_t<R>::error_type>{std::forward<R>(result).error()};
}
}  // namespace detail

#define LLMOPS_JOIN_(a, b) a##b
#define LLMOPS_JOIN(a, b) LLMOPS_JOIN_(a, b)
#define LLMOPS_TRY_VALUE(held, target, expression)                 \
  auto held = (expression);                                        \
  if (!held) return ::llmops::detail::failure_of(std::move(held)); \
  target = *std::move(held)
#define LLMOPS_TRY_VOID(held, expression) \
  if (auto held = (expression); !held) return ::llmops::detail::failure_of(std::move(held))

/// `TRY(auto x, f());` takes the value or returns the error from the enclosing function. Two statements: never the body
/// of an `if` without braces.
#define TRY(target, expression) LLMOPS_TRY_VALUE(LLMOPS_JOIN(tried_, __COUNTER__), target, expression)
/// The same for a call that returns no value.
#define TRY_VOID(expression) LLMOPS_TRY_VOID(LLMOPS_JOIN(tried_, __COUNTER__), expression)

}  // namespace llmops

#include "cli/terminal.h"

#include "base/text.h"

namespace llmops::cli {
namespace {

std::size_t columns(sys::Terminal& terminal, const sys::Env& env) {
  if (const auto said = env.get("COLUMNS")) {
    if (const auto value = text::to_int(*said); value && *value > 20 && *value < 1000)
      return static_cast<std::size_t>(*value);
  }
  const auto seen = terminal.columns();
  return seen && *seen > 20 ? *seen : 100;
}

}  // namespace

report::Console console_of(sys::Terminal& terminal, const sys::Env& env) {
  report::Console console;
  console.out = [&terminal](std::string_view text) { terminal.write(sys::Stream::out, text); };
  console.err = [&terminal](std::string_view text) { terminal.write(sys::Stream::err, text); };
  const auto dumb = env.get("TERM").value_or("dumb") == "dumb";
  const bool ci = env.get("CI").has_value();
  const bool plain = !env.get("NO_COLOR").value_or("").empty() || dumb || ci;
  const auto colour = [&](sys::Stream stream) {
    return !plain && terminal.is_terminal(stream) ? report::Colour::yes : report::Colour::no;
  };
  console.out_colour = colour(sys::Stream::out);
  console.err_colour = colour(sys::Stream::err);
  console.live = !ci && !dumb && terminal.is_terminal(sys::Stream::err);
  console.width = columns(terminal, env);
  return console;
}

}  // namespace llmops::cli

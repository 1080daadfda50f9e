#include "cli/terminal.h"

#include <doctest/doctest.h>

#include "fakes/fake_env.h"

using namespace llmops;
using report::Colour;

namespace {

class FakeTerminal final : public sys::Terminal {
 public:
  FakeTerminal(bool out, bool err) : out_(out), err_(err) {}
  void write(sys::Stream stream, std::string_view text) override {
    (stream == sys::Stream::out ? written_out : written_err) += text;
  }
  Result<void> written() override { return {}; }
  bool is_terminal(sys::Stream stream) override { return stream == sys::Stream::out ? out_ : err_; }
  std::optional<std::size_t> columns() override { return width; }

  std::string written_out, written_err;
  std::optional<std::size_t> width;

 private:
  bool out_, err_;
};

}  // namespace

TEST_CASE("a terminal gets colour and live lines") {
  FakeTerminal terminal(true, true);
  const auto console = cli::console_of(terminal, fakes::FakeEnv({{"TERM", "xterm"}}));

  CHECK(console.out_colour == Colour::yes);
  CHECK(console.err_colour == Colour::yes);
  CHECK(console.live);
}

TEST_CASE("each stream is judged by itself") {
  FakeTerminal terminal(false, true);
  const auto console = cli::console_of(terminal, fakes::FakeEnv({{"TERM", "xterm"}}));

  CHECK(console.out_colour == Colour::no);
  CHECK(console.err_colour == Colour::yes);
  CHECK(console.live);
}

TEST_CASE("a dumb terminal and a build server get plain lines, `NO_COLOR` live ones without colour") {
  FakeTerminal terminal(true, true);
  for (const auto& env :
       {fakes::FakeEnv({{"TERM", "dumb"}}), fakes::FakeEnv(), fakes::FakeEnv({{"TERM", "xterm"}, {"CI", "true"}})}) {
    const auto console = cli::console_of(terminal, env);
    CHECK(console.out_colour == Colour::no);
    CHECK(console.err_colour == Colour::no);
    CHECK_FALSE(console.live);
  }

  const auto console = cli::console_of(terminal, fakes::FakeEnv({{"TERM", "xterm"}, {"NO_COLOR", "1"}}));
  CHECK(console.err_colour == Colour::no);
  CHECK(console.live);
}

TEST_CASE("the width is what `COLUMNS` says, else what the terminal says, else a hundred") {
  FakeTerminal terminal(true, true);
  CHECK(cli::console_of(terminal, fakes::FakeEnv()).width == 100);
  terminal.width = 70;
  CHECK(cli::console_of(terminal, fakes::FakeEnv()).width == 70);
  CHECK(cli::console_of(terminal, fakes::FakeEnv({{"COLUMNS", "55"}})).width == 55);
  CHECK(cli::console_of(terminal, fakes::FakeEnv({{"COLUMNS", "nonsense"}})).width == 70);
  CHECK(cli::console_of(terminal, fakes::FakeEnv({{"COLUMNS", "3"}})).width == 70);
}

TEST_CASE("results and talk go to their own streams") {
  FakeTerminal terminal(false, false);
  const auto console = cli::console_of(terminal, fakes::FakeEnv());

  console.out("result");
  console.err("talk");

  CHECK(terminal.written_out == "result");
  CHECK(terminal.written_err == "talk");
}

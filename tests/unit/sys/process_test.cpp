#include "sys/process.h"

#include <dirent.h>
#include <doctest/doctest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <sstream>
#include <thread>

#include "base/text.h"
#include "sys/real/event_loop.h"
#include "sys/real/real_process.h"

using namespace llmops;
using namespace llmops::sys;
using namespace std::chrono_literals;

namespace {

/// A number of seconds that only this test sleeps, so that its sleeps can be found in /proc.
std::string unique_seconds() {
  static std::atomic<unsigned> count = 0;
  return std::to_string(100'000 + static_cast<unsigned>(getpid()) * 100 + count++);
}

std::string file_text(const std::string& path) {
  std::ifstream in(path);
  std::stringstream out;
  out << in.rdbuf();
  return out.str();
}

/// The processes, zombies aside, whose command line is `sleep <seconds>`.
std::vector<pid_t> sleepers(const std::string& seconds) {
  std::vector<pid_t> out;
  DIR* const folder = opendir("/proc");
  while (const auto* const entry = readdir(folder)) {
    const auto pid = text::to_int(entry->d_name);
    using namespace std::string_literals;
    if (pid && file_text("/proc/"s + entry->d_name + "/cmdline") == "sleep\0"s + seconds + "\0"s) {
      out.push_back(static_cast<pid_t>(*pid));
    }
  }
  closedir(folder);
  return out;
}

/// Waits until `holds`; gives up after half a minute.
template <class Condition>
bool eventually(Condition holds) {
  for (int i = 0; i < 3000; ++i) {
    if (holds()) return true;
    std::this_thread::sleep_for(10ms);
  }
  return false;
}

pid_t parent_of(pid_t pid) {
  const auto stat = file_text("/proc/" + std::to_string(pid) + "/stat");
  std::istringstream fields(stat.substr(stat.rfind(')') + 1));
  char state = 0;
  pid_t parent = 0;
  fields >> state >> parent;
  return parent;
}

std::map<std::string, std::string> plain_env() { return {{"PATH", "/usr/bin:/bin"}}; }

ProcessSpec shell(std::string script) {
  return {.argv = {"sh", "-c", std::move(script)}, .folder = "/", .env = plain_env(), .timeout = {}};
}

/// Collects output, to be read from any thread.
class Output {
 public:
  Process::OnOutput sink() {
    return [this](Stream stream, std::string_view bytes) {
      const std::lock_guard lock(mutex_);
      (stream == Stream::out ? out_ : err_) += bytes;
    };
  }
  std::string out() const { return locked(out_); }
  std::string err() const { return locked(err_); }

 private:
  std::string locked(const std::string& text) const {
    const std::lock_guard lock(mutex_);
    return text;
  }
  mutable std::mutex mutex_;
  std::string out_, err_;
};

struct Programs {
  EventLoop loop;
  RealProcess process{loop};
  Output output;

  Result<ProcessEnd> run(const ProcessSpec& spec, StopToken stop = {}) {
    return process.run(spec, std::move(stop), output.sink());
  }
  std::unique_ptr<Child> start(const ProcessSpec& spec, StopToken stop = {}) {
    auto child = process.start(spec, std::move(stop), output.sink());
    REQUIRE(child);
    return *std::move(child);
  }
};

/// Its own sleep, and one that left its session and its parent.
ProcessSpec detaching(const std::string& seconds) {
  return shell("(setsid sleep " + seconds + " &); sleep " + seconds);
}

}  // namespace

TEST_SUITE("sys/process") {
  TEST_CASE("a program's output and exit status come back") {
    Programs programs;

    const auto end = programs.run(shell("echo out; echo err >&2; exit 3"));

    REQUIRE(end);
    CHECK(end->status == 3);
    CHECK(end->signal == 0);
    CHECK_FALSE(end->ok());
    CHECK(programs.output.out() == "out\n");
    CHECK(programs.output.err() == "err\n");
  }

  TEST_CASE("a program has its folder, an empty input, the given variables and nothing of ours") {
    Programs programs;
    auto spec = shell("pwd; cat; /usr/bin/env; ls /proc/self/fd; grep -E 'Sig(Blk|Ign)' /proc/self/status");
    spec.folder = "/usr";
    spec.env["NAME"] = "value";
    signal(SIGPIPE, SIG_IGN);

    const auto end = programs.run(spec);

    signal(SIGPIPE, SIG_DFL);
    REQUIRE(end);
    CHECK(end->ok());
    const auto out = programs.output.out();
    CHECK(out.starts_with("/usr\n"));
    CHECK(out.find("NAME=value\n") != std::string::npos);
    CHECK(out.find("HOME=") == std::string::npos);
    INFO(out);
    CHECK(out.find("0\n1\n2\n3\nSigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n") != std::string::npos);
  }

  TEST_CASE("the end of a program that a signal ended names the signal") {
    Programs programs;

    const auto end = programs.run(shell("kill -SEGV $$"));

    REQUIRE(end);
    CHECK(end->signal == SIGSEGV);
    CHECK_FALSE(end->ok());
  }

  TEST_CASE("output larger than a pipe arrives whole though the program ends at once") {
    Programs programs;

    const auto end = programs.run(
        {.argv = {"head", "-c", "3000000", "/dev/zero"}, .folder = "/", .env = plain_env(), .timeout = {}});

    REQUIRE(end);
    CHECK(end->ok());
    CHECK(programs.output.out().size() == 3'000'000);
  }

  TEST_CASE("arguments and variables of a megabyte arrive") {
    Programs programs;
    auto spec = shell("echo ${#A1} ${#A9} ${#1}");
    spec.argv.insert(spec.argv.end(), {"sh", std::string(100'000, 'x')});
    for (int i = 0; i < 10; ++i) spec.env["A" + std::to_string(i)] = std::string(100'000, 'y');

    const auto end = programs.run(spec);

    REQUIRE(end);
    CHECK(programs.output.out() == "100000 100000 100000\n");
  }

  TEST_CASE("a program that cannot be started is an error that says why") {
    Programs programs;
    const auto error_of = [&](const std::string& program, const std::string& folder) {
      const auto end = programs.run({.argv = {program}, .folder = folder, .env = plain_env(), .timeout = {}});
      REQUIRE_FALSE(end);
      CHECK(end.error().kind == ErrorKind::environment);
      return end.error().message;
    };

    CHECK(error_of("no-such-program", "/") ==
          "program `no-such-program` was not found in `PATH`, which is `/usr/bin:/bin`");
    CHECK(error_of("./missing", "/usr") == "program `./missing` was not found in folder `/usr`");
    CHECK(error_of("/etc/passwd", "/") == "could not start `/etc/passwd`: it is not an executable file");
    CHECK(error_of("sh", "/no/such/folder") ==
          "could not start `sh`: folder `/no/such/folder`: No such file or directory");
    CHECK(error_of(std::string("a\0b", 3), "/")
              .ends_with("an argument holds a zero byte, which no program can be given"));
    CHECK(error_of("", "/") == "the program to start has no name");
  }

  TEST_CASE("a script whose interpreter is missing, and one that names none, say so") {
    Programs programs;
    const auto base = "/tmp/llmops-script-" + std::to_string(getpid());
    std::ofstream(base + "-a") << "#!/no/such/interpreter\n";
    std::ofstream(base + "-b") << "echo hello\n";
    for (const auto* const name : {"-a", "-b"}) chmod((base + name).c_str(), 0755);

    const auto missing = programs.run({.argv = {base + "-a"}, .folder = "/", .env = {}, .timeout = {}});
    const auto none = programs.run({.argv = {base + "-b"}, .folder = "/", .env = {}, .timeout = {}});

    for (const auto* const name : {"-a", "-b"}) unlink((base + name).c_str());
    REQUIRE_FALSE(missing);
    CHECK(missing.error().message.ends_with("the interpreter that it names was not found"));
    REQUIRE_FALSE(none);
    CHECK(none.error().message.ends_with("a script with an interpreter named"));
  }

  TEST_CASE("what a program leaves behind is killed and counted, and its open pipe holds nothing up") {
    Programs programs;
    const auto seconds = unique_seconds();

    const auto end = programs.run(shell("sleep " + seconds + " & (setsid sleep " + seconds + " &); echo done"));

    REQUIRE(end);
    CHECK(end->ok());
    CHECK(end->orphans_ended == 2);
    CHECK(programs.output.out() == "done\n");
    CHECK(sleepers(seconds).empty());
  }

  TEST_CASE("a detached process of a running program outlives another program's end") {
    Programs programs;
    const auto kept = unique_seconds(), dropped = unique_seconds();
    const auto running = programs.start(shell("(setsid sleep " + kept + " &); echo up; cat"));
    REQUIRE(eventually([&] { return programs.output.out() == "up\n" && sleepers(kept).size() == 1; }));

    const auto end = programs.run(shell("(setsid sleep " + dropped + " &)"));

    REQUIRE(end);
    CHECK(end->orphans_ended == 1);
    CHECK(sleepers(dropped).empty());
    CHECK(sleepers(kept).size() == 1);
    running->close_input();
    CHECK(running->wait().orphans_ended == 1);
    CHECK(sleepers(kept).empty());
  }

  TEST_CASE("a program past its timeout is ended with all that it started") {
    Programs programs;
    const auto seconds = unique_seconds();
    auto spec = detaching(seconds);
    spec.timeout = 300ms;

    const auto end = programs.run(spec);

    REQUIRE(end);
    CHECK(end->timed_out);
    CHECK_FALSE(end->stopped);
    CHECK(end->signal == SIGTERM);
    CHECK(end->orphans_ended >= 1);
    CHECK(sleepers(seconds).empty());
  }

  TEST_CASE("a stop ends a program with all that it started") {
    Programs programs;
    const auto seconds = unique_seconds();
    StopSource source;
    std::jthread stopper([&] {
      eventually([&] { return sleepers(seconds).size() == 2; });
      source.request_stop();
    });

    const auto end = programs.run(detaching(seconds), source.get_token());

    REQUIRE(end);
    CHECK(end->stopped);
    CHECK_FALSE(end->timed_out);
    CHECK(sleepers(seconds).empty());
  }

  TEST_CASE("a stop asked for before the start starts nothing") {
    Programs programs;
    StopSource source;
    source.request_stop();

    const auto end = programs.run(shell("echo started"), source.get_token());

    REQUIRE(end);
    CHECK(end->stopped);
    CHECK(programs.output.out().empty());
  }

  TEST_CASE("a program that tidies up on SIGTERM has its grace, its children too") {
    Programs programs;
    auto spec = shell(
        "trap 'echo parent; exit 7' TERM; sh -c 'trap \"sleep 0.3; echo child; exit\" TERM; "
        "echo ready; while :; do sleep 0.01; done' & while :; do sleep 0.01; done");
    StopSource source;
    std::jthread stopper([&] {
      eventually([&] { return programs.output.out() == "ready\n"; });
      source.request_stop();
    });

    const auto end = programs.run(spec, source.get_token());

    REQUIRE(end);
    CHECK(end->stopped);
    CHECK(end->status == 7);
    CHECK(end->orphans_ended == 0);
    CHECK(programs.output.out() == "ready\nparent\nchild\n");
  }

  TEST_CASE("a program that ignores SIGTERM is killed after its grace, however its processes are detached") {
    Programs programs;
    const auto seconds = unique_seconds();
    auto spec = shell("trap '' TERM; (setsid sleep " + seconds + " &); sleep " + seconds);
    spec.timeout = 200ms;
    spec.grace = 100ms;

    const auto end = programs.run(spec);

    REQUIRE(end);
    CHECK(end->timed_out);
    CHECK(end->signal == SIGKILL);
    CHECK(sleepers(seconds).empty());
  }

  TEST_CASE("a program is talked to over its input, more than a pipe holds") {
    Programs programs;
    const auto child = programs.start({.argv = {"cat"}, .folder = "/", .env = plain_env(), .timeout = {}});
    std::string sent;
    for (int i = 0; i < 64; ++i) {
      const std::string part(100'000, static_cast<char>('a' + i % 26));
      sent += part;
      REQUIRE(child->write(part));
    }

    child->close_input();
    const auto end = child->wait();

    CHECK(end.ok());
    CHECK(programs.output.out() == sent);
  }

  TEST_CASE("writing to a program that has closed its input is an error") {
    Programs programs;
    const auto child = programs.start(shell("exec <&-; echo closed; sleep " + unique_seconds()));
    REQUIRE(eventually([&] { return programs.output.out() == "closed\n"; }));

    const bool refused = eventually([&] { return !child->write("text"); });

    CHECK(refused);
  }

  TEST_CASE("writing to a program that has ended is an error") {
    Programs programs;
    const auto child = programs.start(shell("exit 4"));

    const auto end = child->wait();
    const auto written = child->write("text");

    CHECK(end.status == 4);
    REQUIRE_FALSE(written);
    CHECK(written.error().kind == ErrorKind::environment);
  }

  TEST_CASE("destroying a child ends it and all that it started") {
    Programs programs;
    const auto seconds = unique_seconds();
    auto child = programs.start(detaching(seconds));
    REQUIRE(eventually([&] { return sleepers(seconds).size() == 2; }));

    child.reset();

    CHECK(sleepers(seconds).empty());
  }

  TEST_CASE("many programs run at once") {
    Programs programs;
    std::atomic<int> right = 0;
    {
      std::vector<std::jthread> threads;
      for (int i = 0; i < 16; ++i) {
        threads.emplace_back([&, i] {
          for (int round = 0; round < 4; ++round) {
            std::string out;
            const auto end = programs.process.run(shell("echo " + std::to_string(i) + "; exit " + std::to_string(i)),
                                                  {}, [&](Stream, std::string_view bytes) { out += bytes; });
            if (end && end->status == i && out == std::to_string(i) + "\n") ++right;
          }
        });
      }
    }
    CHECK(right == 64);
  }

  TEST_CASE("programs are in another session than ours, so the terminal's signals reach only us") {
    Programs programs;

    const auto end = programs.run(shell("echo $PPID"));

    REQUIRE(end);
    auto child = programs.start(shell("echo $PPID; exec sleep 1000"));
    REQUIRE(eventually([&] { return text::split(programs.output.out(), '\n').size() == 3; }));
    const auto guardian = static_cast<pid_t>(*text::to_int(text::split(programs.output.out(), '\n')[1]));
    const auto supervisor = parent_of(guardian);
    CHECK(parent_of(supervisor) == getpid());
    CHECK(getsid(supervisor) == supervisor);
    CHECK(getsid(guardian) == supervisor);
    CHECK(file_text("/proc/" + std::to_string(supervisor) + "/comm") == "llmops-super\n");
  }

  TEST_CASE("kill -9 of this program leaves nothing of its programs") {
    const auto seconds = unique_seconds();
    const pid_t victim = fork();
    if (victim == 0) {
      EventLoop loop;
      RealProcess process(loop);
      if (!process.start_supervisor()) _exit(1);
      auto spec = shell("trap '' TERM; (setsid sleep " + seconds + " &); sleep " + seconds);
      const auto first = process.start(spec, {}, {});
      const auto second = process.start(detaching(seconds), {}, {});
      if (!first || !second) _exit(1);
      pause();
      _exit(1);
    }
    REQUIRE(eventually([&] { return sleepers(seconds).size() == 4; }));

    kill(victim, SIGKILL);
    waitpid(victim, nullptr, 0);

    CHECK(eventually([&] { return sleepers(seconds).empty(); }));
  }

  TEST_CASE("one guardian serves one program after the other, and nothing of one reaches the next") {
    Programs programs;
    auto first = shell("echo $PPID; cd /usr; read line; exit 3");
    first.folder = "/usr";
    first.env["ONLY"] = "first";
    REQUIRE(programs.run(first)->status == 3);
    const auto guardian = std::string(text::trim(programs.output.out()));
    const auto folder_when_idle = std::filesystem::read_symlink("/proc/" + guardian + "/cwd");
    auto missing = shell("");
    missing.argv = {"no-such-program"};
    REQUIRE_FALSE(programs.run(missing));

    const auto second = programs.run(shell("echo $PPID ${ONLY-none} $(pwd)"));

    CHECK(second->status == 0);
    CHECK(programs.output.out() == guardian + "\n" + guardian + " none /\n");
    CHECK(folder_when_idle == "/");
  }

  TEST_CASE("an idle guardian that was killed is replaced") {
    Programs programs;
    REQUIRE(programs.run(shell("echo $PPID")));
    const auto guardian = static_cast<pid_t>(*text::to_int(text::trim(programs.output.out())));
    kill(guardian, SIGKILL);
    REQUIRE(eventually([&] { return !std::filesystem::exists("/proc/" + std::to_string(guardian)); }));

    const auto next = programs.run(shell("exit 4"));

    REQUIRE(next);
    CHECK(next->status == 4);
  }

  TEST_CASE("stops that come as the program ends do not reach the guardian's next one") {
    Programs programs;
    for (int i = 0; i < 200; ++i) {
      auto child = programs.start(shell("exit 0"));
      child.reset();  // asks for a stop, too late or not
      const auto next = programs.run(shell("exit 5"));
      REQUIRE(next);
      REQUIRE(next->status == 5);
      REQUIRE_FALSE(next->stopped);
    }
  }

  TEST_CASE("kill -9 of a guardian loses its program, but leaves nothing of it") {
    Programs programs;
    const auto seconds = unique_seconds();
    std::jthread killer([&] {
      eventually([&] { return sleepers(seconds).size() == 2 && programs.output.out().ends_with('\n'); });
      kill(static_cast<pid_t>(*text::to_int(text::trim(programs.output.out()))), SIGKILL);
    });

    const auto end = programs.run(shell("echo $PPID; (setsid sleep " + seconds + " &); sleep " + seconds));

    REQUIRE_FALSE(end);
    CHECK(end.error().kind == ErrorKind::environment);
    CHECK(end.error().message == "lost `sh`: the process that guarded it was killed, so it was too");
    CHECK(eventually([&] { return sleepers(seconds).empty(); }));
  }

  TEST_CASE("kill -9 of the supervisor starts nothing more, and what runs is still ended in full") {
    Programs programs;
    const auto seconds = unique_seconds();
    auto child = programs.start(shell("echo $PPID; (setsid sleep " + seconds + " &); sleep " + seconds));
    REQUIRE(eventually([&] { return sleepers(seconds).size() == 2 && programs.output.out().ends_with('\n'); }));
    const auto supervisor = parent_of(static_cast<pid_t>(*text::to_int(text::trim(programs.output.out()))));

    kill(supervisor, SIGKILL);
    eventually([&] { return file_text("/proc/" + std::to_string(supervisor) + "/cmdline").empty(); });
    const auto next = programs.run(shell("true"));
    child.reset();

    REQUIRE_FALSE(next);
    CHECK(next.error().message == "could not start `sh`: the supervisor of child processes has ended");
    CHECK(sleepers(seconds).empty());
  }
}

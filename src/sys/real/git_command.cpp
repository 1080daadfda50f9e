#include "sys/real/git_command.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <span>

#include "base/text.h"
#include "sys/real/os_error.h"
#include "sys/real/unique_fd.h"

namespace llmops::sys {
namespace {

constexpr std::string_view kNotInherited[] = {"GIT_ALTERNATE_OBJECT_DIRECTORIES",
                                              "GIT_ATTR_SOURCE",
                                              "GIT_COMMON_DIR",
                                              "GIT_CONFIG",
                                              "GIT_DIFF_OPTS",
                                              "GIT_DIR",
                                              "GIT_EXTERNAL_DIFF",
                                              "GIT_GLOB_PATHSPECS",
                                              "GIT_GRAFT_FILE",
                                              "GIT_ICASE_PATHSPECS",
                                              "GIT_IMPLICIT_WORK_TREE",
                                              "GIT_INDEX_FILE",
                                              "GIT_INTERNAL_SUPER_PREFIX",
                                              "GIT_LITERAL_PATHSPECS",
                                              "GIT_NAMESPACE",
                                              "GIT_NOGLOB_PATHSPECS",
                                              "GIT_OBJECT_DIRECTORY",
                                              "GIT_PREFIX",
                                              "GIT_REPLACE_REF_BASE",
                                              "GIT_SHALLOW_FILE",
                                              "GIT_WORK_TREE",
                                              "LANGUAGE"};

constexpr std::pair<const char*, const char*> kAlways[] = {
    {"GIT_NO_REPLACE_OBJECTS", "1"}, {"GIT_OPTIONAL_LOCKS", "0"}, {"GIT_TERMINAL_PROMPT", "0"}, {"LC_ALL", "C"}};

struct Pipe {
  UniqueFd ours, theirs;
};

Result<Pipe> output_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return os_error("start", "git", errno);
  return Pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

/// A socket, because writing to it can be told not to raise SIGPIPE.
Result<Pipe> input_pipe() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) return os_error("start", "git", errno);
  return Pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (auto& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

/// The attributes and file actions of posix_spawn, freed at the end.
class SpawnPlan {
 public:
  SpawnPlan(const UniqueFd& in, const UniqueFd& out, const UniqueFd& err) {
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in.get(), STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out.get(), STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, err.get(), STDERR_FILENO);
    posix_spawnattr_init(&attributes);
    sigset_t none, defaults;
    sigemptyset(&none);
    sigemptyset(&defaults);
    for (const int signal : {SIGPIPE, SIGINT, SIGTERM, SIGCHLD, SIGHUP, SIGQUIT}) sigaddset(&defaults, signal);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;
  ~SpawnPlan() {
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
  }
  posix_spawn_file_actions_t actions{};
  posix_spawnattr_t attributes{};
};

/// Feeds and drains a running git until it has closed both of its outputs.
class Exchange {
 public:
  Exchange(UniqueFd in, UniqueFd out, UniqueFd err, const GitCall& call)
      : in_(std::move(in)), out_(std::move(out)), err_(std::move(err)), call_(call), left_(call.input) {}

  void run(GitOutput& output) {
    if (left_.empty()) in_.reset();
    while (out_ || err_) {
      std::array<pollfd, 3> waits{pollfd{out_.get(), POLLIN, 0}, pollfd{err_.get(), POLLIN, 0},
                                  pollfd{in_.get(), POLLOUT, 0}};
      if (::poll(waits.data(), waits.size(), -1) < 0 && errno != EINTR) return;
      if (waits[0].revents != 0) take(out_, [&](std::string_view bytes) { keep(bytes, output); });
      if (waits[1].revents != 0) take(err_, [&](std::string_view bytes) { output.err += bytes; });
      if (waits[2].revents != 0) give();
    }
  }

 private:
  void keep(std::string_view bytes, GitOutput& output) {
    if (call_.on_out) {
      call_.on_out(bytes);
    } else {
      output.out += bytes;
    }
  }
  template <class Taker>
  void take(UniqueFd& from, const Taker& taker) {
    const auto got = ::read(from.get(), buffer_.data(), buffer_.size());
    if (got > 0) {
      taker(std::string_view(buffer_.data(), static_cast<std::size_t>(got)));
    } else if (got == 0 || (errno != EINTR && errno != EAGAIN)) {
      from.reset();
    }
  }
  void give() {
    const auto sent = ::send(in_.get(), left_.data(), left_.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) left_.remove_prefix(static_cast<std::size_t>(sent));
    const bool broken = sent < 0 && errno != EINTR && errno != EAGAIN;
    if (broken || left_.empty()) in_.reset();
  }

  UniqueFd in_, out_, err_;
  const GitCall& call_;
  std::string_view left_;
  std::array<char, 65536> buffer_{};
};

int wait_for(pid_t pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0) {
    if (errno != EINTR) return 128;
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/// What git says where the system had no space for it, and where it keeps to itself what the system said.
constexpr std::string_view kFull[] = {"No space left on device", "Disk quota exceeded", "Out of diskspace"};
constexpr std::string_view kUnwritten[] = {"couldn't write '", "couldn't set '", "unable to create directory for",
                                           "nable to write new index file"};

/// The first line that has one of these texts, empty where there is none.
std::string_view line_with(std::string_view text, std::span<const std::string_view> wanted) {
  while (!text.empty()) {
    const auto line = text.substr(0, text.find('\n'));
    for (const auto one : wanted) {
      if (line.find(one) != std::string_view::npos) return line;
    }
    text.remove_prefix(std::min(text.size(), line.size() + 1));
  }
  return {};
}

std::string_view behind_mark(std::string_view text) {
  for (const std::string_view mark : {"fatal: ", "error: "}) {
    if (const auto at = text.find(mark); at != std::string_view::npos) return text.substr(at + mark.size());
  }
  return text;
}

/// `git <subcommand>`, without the options before it.
std::string command_of(const GitCall& call) {
  std::size_t at = 0;
  while (at + 1 < call.args.size() && call.args[at] == "-c") at += 2;
  return at < call.args.size() ? "git " + call.args[at] : "git";
}

/// The first `git` in `PATH`, empty where there is none.
std::string find_git(const Env& env) {
  for (const auto& folder : text::split(env.get("PATH").value_or("/usr/local/bin:/usr/bin:/bin"), ':')) {
    if (folder.empty()) continue;
    auto program = folder + "/git";
    if (::access(program.c_str(), X_OK) == 0) return program;
  }
  return {};
}

}  // namespace

GitCommand::GitCommand(const Env& env, Path folder) : folder_(std::move(folder)), program_(find_git(env)) {
  const auto always = [](const std::string& name) {
    return std::any_of(std::begin(kAlways), std::end(kAlways), [&](const auto& pair) { return name == pair.first; });
  };
  for (const auto& [name, value] : env.all()) {
    const bool left_out =
        std::find(std::begin(kNotInherited), std::end(kNotInherited), name) != std::end(kNotInherited);
    if (!left_out && !always(name)) env_.push_back(name + "=" + value);
  }
  for (const auto& [name, value] : kAlways) env_.push_back(std::string(name) + "=" + value);
}

Result<GitOutput> GitCommand::run(const GitCall& call) const {
  std::vector<std::string> argv = {
      "git", "-C", folder_.native(), "-c", "core.quotePath=false", "-c", "core.fsmonitor=false"};
  argv.insert(argv.end(), call.args.begin(), call.args.end());
  auto env = env_;
  for (const auto& [name, value] : call.env) env.push_back(name + "=" + value);
  if (program_.empty()) return environment_error("`git` was not found in `PATH`", "install git, version 2.30 or newer");
  TRY(auto in, input_pipe());
  TRY(auto out, output_pipe());
  TRY(auto err, output_pipe());
  pid_t pid = 0;
  {
    const SpawnPlan plan(in.theirs, out.theirs, err.theirs);
    const int code = ::posix_spawn(&pid, program_.c_str(), &plan.actions, &plan.attributes, pointers(argv).data(),
                                   pointers(env).data());
    if (code != 0) return os_error("start", program_, code);
  }
  in.theirs.reset();
  out.theirs.reset();
  err.theirs.reset();
  GitOutput output;
  output.folder = folder_;
  Exchange(std::move(in.ours), std::move(out.ours), std::move(err.ours), call).run(output);
  output.status = wait_for(pid);
  return output;
}

Result<std::string> GitCommand::output(const GitCall& call) const {
  TRY(auto output, run(call));
  if (output.status != 0) return git_failed(call, output);
  return std::move(output.out);
}

Error git_failed(const GitCall& call, const GitOutput& output) {
  const auto full = line_with(output.err, kFull);
  const auto unwritten = line_with(output.err, kUnwritten);
  const auto telling = !full.empty() ? full : !unwritten.empty() ? unwritten : std::string_view(output.err);
  std::string said = text::shorten(text::replace_all(text::trim(behind_mark(telling)), "\n", " "), 400);
  if (said.empty()) said = "exit status " + std::to_string(output.status);
  const auto where = full.empty() && unwritten.empty() ? std::string() : " in `" + output.folder.native() + "`";
  return environment_error("`" + command_of(call) + "` failed" + where + ", git said: " + text::printable(said),
                           !full.empty()        ? "free some space on this disk"
                           : !unwritten.empty() ? "free some space if this disk is full, and check who may write there"
                                                : "run `git fsck` if the repository may be damaged");
}

}  // namespace llmops::sys

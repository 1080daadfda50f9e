#pragma once
/// \file  A folder of its own for a test, with git in it, cut off from the person's configuration.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "fakes/fake_clock.h"
#include "fakes/fake_env.h"
#include "sys/real/real_file_system.h"
#include "sys/real/real_git.h"

namespace llmops::fakes {

/// Removed with all that is in it at the end.
class TempFolder {
 public:
  TempFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "llmops-test-XXXXXX").native();
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    path_ = std::filesystem::canonical(name);
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  ~TempFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const sys::Path& path() const { return path_; }

 private:
  sys::Path path_;
};

/// Writes a file in place (same inode), making its folders.
inline void write_file(const sys::Path& path, const std::string& bytes) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << bytes;
}
inline std::string read_file(const sys::Path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}
/// Sets the modification time to now less `seconds`; the change time stays what the system made it.
inline void age(const sys::Path& path, long seconds) {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  now.tv_sec -= seconds;
  const std::array<timespec, 2> times = {now, now};
  ::utimensat(AT_FDCWD, path.c_str(), times.data(), 0);
}
/// Longer than the span within which two changes of a file may bear the same time.
inline void pass_the_racy_span() { ::usleep(45'000); }

/// `repo` is the folder of the repository that most tests use.
class GitSandbox {
 public:
  GitSandbox()
      : env({{"PATH", path_variable()},
             {"HOME", folder.path().native()},
             {"GIT_CONFIG_NOSYSTEM", "1"},
             {"GIT_AUTHOR_NAME", "Ada"},
             {"GIT_AUTHOR_EMAIL", "ada@example.org"},
             {"GIT_COMMITTER_NAME", "Ada"},
             {"GIT_COMMITTER_EMAIL", "ada@example.org"}},
            folder.path()),
        repo(folder.path() / "repo"),
        git(files, clock, env) {
    write_file(folder.path() / ".gitconfig", "[init]\n\tdefaultBranch = main\n[protocol \"file\"]\n\tallow = always\n");
  }

  /// Runs a shell line in `repo` (or in the sandbox's folder while there is no repository); what it printed, trimmed.
  std::string sh(const std::string& line) {
    const auto where = std::filesystem::exists(repo) ? repo : folder.path();
    std::string command = "cd '" + where.native() + "' && env -i";
    for (const auto& [name, value] : env.all()) command += " " + name + "='" + value + "'";
    command += " GIT_AUTHOR_DATE='1700000000 +0000' GIT_COMMITTER_DATE='1700000000 +0000' sh -c '" + line + "' 2>&1";
    std::string out;
    FILE* pipe = ::popen(command.c_str(), "r");
    if (pipe == nullptr) std::abort();
    std::array<char, 4096> buffer{};
    for (auto got = buffer.size(); (got = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) {
      out.append(buffer.data(), got);
    }
    status = ::pclose(pipe);
    while (out.ends_with('\n')) out.pop_back();
    return out;
  }
  /// A repository with `a.txt`, `data/b.txt` and one commit.
  void make_repository(const std::string& init_options = "") {
    sh("git init -q " + init_options + " repo");
    write_file(repo / "a.txt", "alpha\n");
    write_file(repo / "data" / "b.txt", "beta\n");
    sh("git add -A && git commit -q -m first");
  }
  std::unique_ptr<sys::GitRepository> open() { return open(repo); }
  std::unique_ptr<sys::GitRepository> open(const sys::Path& path) {
    auto opened = git.open(path);
    if (!opened) {
      std::fputs(render(opened.error()).c_str(), stderr);
      std::abort();
    }
    return std::move(*opened);
  }
  /// While it is in `PATH`, every start of git fails: what works then, works without a process.
  void hide_git() { env.set("PATH", "/nonexistent"); }

  TempFolder folder;
  FakeEnv env;
  sys::Path repo;
  sys::RealFileSystem files;
  FakeClock clock;
  sys::RealGit git;
  int status = 0;  ///< Of the last `sh`.

 private:
  static std::string path_variable() {
    const char* path = std::getenv("PATH");
    return path == nullptr ? "/usr/bin:/bin" : path;
  }
};

}  // namespace llmops::fakes

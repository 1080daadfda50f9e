#include "sys/real/real_git.h"

#include "sys/real/git_command.h"
#include "sys/real/git_layout.h"
#include "sys/real/git_repository.h"

namespace llmops::sys {
namespace {

/// Lets git judge what is not plainly in order: an owner that is somebody else, an extension not known here.
Result<void> let_git_judge(const GitLayout& layout, const Env& env) {
  const GitCommand git(env, layout.root);
  const GitCall call{.args = {"rev-parse", "--git-dir"}};
  TRY(const auto output, git.run(call));
  if (output.status == 0) return {};
  if (output.err.find("dubious ownership") != std::string::npos) {
    return environment_error("`" + layout.root.native() + "` belongs to another user, and git does not trust it",
                             "if you do: `git config --global --add safe.directory " + layout.root.native() + "`");
  }
  return git_failed(call, output);
}

}  // namespace

Result<std::unique_ptr<GitRepository>> RealGit::open(const Path& folder) {
  TRY(auto layout, find_repository(folder, env_));
  if (layout.ask_git) {
    TRY_VOID(let_git_judge(layout, env_));
  }
  return std::make_unique<RealGitRepository>(std::move(layout), files_, clock_, env_);
}

}  // namespace llmops::sys

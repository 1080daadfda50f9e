#pragma once
/// \file  A machine without repositories.
#include "sys/git.h"

namespace llmops::fakes {

class NoGit final : public sys::Git {
 public:
  Result<std::unique_ptr<sys::GitRepository>> open(const sys::Path&) override {
    return environment_error("this is not a repository", "run `git init`");
  }
};

}  // namespace llmops::fakes

#pragma once
/// \file  Repositories on this machine.
#include "sys/git.h"
#include "sys/system.h"

namespace llmops::sys {

/// Borrows what it is made of for as long as it and its repositories live.
class RealGit final : public Git {
 public:
  RealGit(FileSystem& files, Clock& clock, const Env& env) : files_(files), clock_(clock), env_(env) {}
  Result<std::unique_ptr<GitRepository>> open(const Path& folder) override;

 private:
  FileSystem& files_;
  Clock& clock_;
  const Env& env_;
};

}  // namespace llmops::sys

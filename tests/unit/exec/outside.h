#pragma once
/// \file  A whole fake machine with a repository at `/repo`.
#include "exec/services.h"
#include "fakes/fake_clock.h"
#include "fakes/fake_env.h"
#include "fakes/fake_http.h"
#include "fakes/fake_log.h"
#include "fakes/fake_process.h"
#include "fakes/memory_assets.h"
#include "fakes/memory_cache.h"
#include "fakes/memory_file_system.h"
#include "fakes/no_git.h"
#include "fakes/rooted_repository.h"
#include "steps/all.h"

namespace llmops::exec {

struct Outside {
  fakes::MemoryFileSystem files;
  fakes::MemoryCache cache{files};
  fakes::FakeProcess process;
  fakes::FakeHttp http;
  fakes::NoGit git;
  fakes::FakeClock clock;
  fakes::FakeEnv env;
  fakes::FakeLog log;
  sys::System system{files, process, http, git, clock, env, log};
  fakes::RootedRepository repository{"/repo"};
  fakes::MemoryAssets assets{{}};
  model::ModelStore models{system, "/models"};
  Secrets secrets{system};
  Services services{system, cache, repository, assets, models, steps::all(), secrets, "/models"};
};

}  // namespace llmops::exec

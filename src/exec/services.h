#pragma once
/// \file  What running needs of the outside, borrowed for one command.
#include "asset/asset.h"
#include "exec/secrets.h"
#include "model/catalog.h"
#include "step/kind.h"
#include "store/cache.h"
#include "sys/system.h"

namespace llmops::exec {

struct Services {
  sys::System& system;
  store::Cache& cache;
  sys::GitRepository& repository;
  asset::AssetSource& source;
  model::ModelStore& models;
  const step::Kinds& kinds;
  Secrets& secrets;
  sys::Path models_folder;

  sys::Path state_folder() const { return repository.root() / ".llmops"; }
};

}  // namespace llmops::exec

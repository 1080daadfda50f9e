#include "exec/pinned.h"

#include <algorithm>

#include "exec/step_lock.h"
#include "model/base_url.h"
#include "model/download.h"
#include "recipe/document.h"

namespace llmops::exec {
namespace {

Error placed(Error error, const PinnedBytes& wanted) {
  if (!error.at.known()) error.at = wanted.at;
  return std::move(error).within("bringing the dataset `" + wanted.dataset + "`");
}

Result<void> bring_unplaced(Services& services, const PinnedBytes& wanted, Network network, const StopToken& stop,
                            const model::ModelStore::Progress& progress) {
  auto& content = services.cache.content();
  if (network == Network::forbidden) {
    return environment_error(
        "`" + model::shown(wanted.uri) + "` is not on this machine yet, and `--offline` forbids to fetch it",
        "run once without `--offline`");
  }
  const auto folder = services.models_folder.parent_path() / "incoming";
  TRY_VOID(services.system.files.make_folders(folder));
  TRY(const auto lock, lock_part(services, folder / "lock", wanted.digest.hex(), stop, [] {}));
  TRY(const bool there, content.contains(wanted.digest));  // Another run may have brought it meanwhile.
  if (there) return {};
  model::Download download;
  download.url = wanted.uri;
  download.to = folder / wanted.digest.hex();
  download.sha256 = wanted.digest;
  download.mismatch = ErrorKind::invalid;
  TRY_VOID(model::download(services.system, download, stop, progress));
  TRY_VOID(content.put_file(download.to));
  return services.system.files.remove(download.to);
}

}  // namespace

Result<std::vector<PinnedBytes>, Errors> missing_bytes(Services& services, const recipe::Recipe& recipe,
                                                       const recipe::Step& step, const recipe::Scope& scope) {
  std::vector<PinnedBytes> out;
  const auto& datasets = recipe.datasets;
  if (std::none_of(datasets.begin(), datasets.end(),
                   [](const auto& one) { return one.config.find("uri") != nullptr; })) {
    return out;
  }
  TRY(const auto declared, recipe::declared_now(step, scope));
  for (const auto& name : declared.reads.datasets) {
    const auto* declaration = recipe.dataset(name.value);
    if (!declaration || !declaration->config.find("uri")) continue;
    TRY(const auto known, recipe::resolve(declaration->config, scope));
    const auto config = schema::read<recipe::DatasetConfig>(known.node);
    const auto digest = Digest::parse(config.sha256);
    if (config.uri.empty() || !digest) continue;  // Told when the inputs are put together.
    const auto there = services.cache.content().contains(*digest);
    if (!there) return Errors{there.error()};
    if (!*there) out.push_back({name.value, config.uri, *digest, declaration->config.find("uri")->at()});
  }
  return out;
}

Result<void> bring(Services& services, const PinnedBytes& wanted, Network network, const StopToken& stop,
                   const model::ModelStore::Progress& progress) {
  auto brought = bring_unplaced(services, wanted, network, stop, progress);
  if (!brought) return placed(std::move(brought).error(), wanted);
  return {};
}

}  // namespace llmops::exec

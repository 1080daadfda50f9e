#pragma once
/// \file  Reading what happened, from git alone.
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "doc/node.h"
#include "lineage/run.h"
#include "sys/git.h"

namespace llmops::lineage {

/// One Statement as it lies in the records tree.
struct Record {
  enum class Kind { run, provenance, test_result, other };

  Digest digest;         ///< SHA-256 of its bytes; also its name.
  sys::ObjectId commit;  ///< The commit it tells of.
  Kind kind = Kind::other;
  std::string bytes;
  /// Read when asked for. Kind `environment` where the bytes are no JSON.
  Result<doc::Node> statement() const;
};
/// `run`, `provenance`, `test-result`, `other`.
std::string_view to_string(Record::Kind kind);

/// A run's summary, from its own Statement.
struct RunEntry {
  Digest record;
  sys::ObjectId commit;
  doc::Node document;  ///< As `to_document`.
  std::string id() const { return document.get("run", ""); }
  std::string started() const { return document.get("started", ""); }
  std::string status() const { return document.get("status", ""); }
};

/// All records of a repository, read once from the ref. Files that can't be read, or whose name is not the digest of
/// their bytes, are skipped and counted, never fatal. A plain value; what it hands out lives as long as it does.
class Records {
 public:
  static Result<Records> read(sys::GitRepository& repository);

  const std::vector<Record>& all() const { return all_; }
  std::size_t unreadable() const { return unreadable_; }
  /// Newest first.
  const std::vector<RunEntry>& runs() const { return runs_; }
  /// Null where there is none.
  const Record* find(const Digest& digest) const;
  /// By full id or a prefix of at least 4 that fits one, in either case; kind `usage` otherwise.
  Result<const RunEntry*> run(std::string_view id) const;
  /// Newest first. `commit` is a full id.
  std::vector<const RunEntry*> of_commit(const sys::ObjectId& commit) const;
  /// The newest passing run of a recipe in an environment with this release key; null where there is none.
  const RunEntry* passing(std::string_view recipe, std::string_view environment, const Digest& release_key) const;
  /// Per-case results of a step, as JSON Lines; nothing where the record has none. Kind `environment` where they are
  /// missing or not what the record says.
  Result<std::optional<std::string>> results(sys::GitRepository& repository, const Record& record) const;

 private:
  std::vector<Record> all_;
  std::vector<RunEntry> runs_;
  std::map<Digest, std::size_t> by_digest_;
  std::map<Digest, sys::ObjectId> result_blobs_;
  std::size_t unreadable_ = 0;
};

enum class Recorded {
  no,
  dirty,  ///< Only of a work tree with changes.
  clean,
};
/// How a record tells of this commit's passing run: reads only that commit's folder.
Result<Recorded> recorded(sys::GitRepository& repository, const sys::ObjectId& commit, std::string_view recipe,
                          std::string_view environment, const Digest& release_key);

/// A record by the commit it is kept with and its digest.
struct RecordName {
  sys::ObjectId commit;
  std::string digest;
};
/// The digests of those that this repository has. Reads no record, only the folders they would lie in.
Result<std::set<std::string>> present(sys::GitRepository& repository, const std::vector<RecordName>& wanted);

}  // namespace llmops::lineage

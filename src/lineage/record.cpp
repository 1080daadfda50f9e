#include "lineage/record.h"

#include <algorithm>

#include "doc/json.h"
#include "lineage/record_place.h"
#include "lineage/statement.h"
#include "lineage/wording.h"
#include "sys/hash.h"

namespace llmops::lineage {
namespace {

class Writer {
 public:
  explicit Writer(Run& run) : run_(run), folder_(record_folder(run.commit)) {}

  Statements write() {
    for (auto& step : run_.steps) {
      if (step.outcome.statement.empty() && step.outcome.status != step::Status::skipped) write(step);
    }
    out_.run = add(statement_of(run_));
    out_.note = note_of(to_document(run_));
    return std::move(out_);
  }

 private:
  void write(StepRun& step) {
    step.outcome.statement = add(statement_of(run_, step)).to_string();
    step.outcome.statement_commit = run_.commit;
    if (step.results.empty()) return;
    const auto path = folder_ + results_file_name(sys::sha256(step.results));
    const bool there =
        std::any_of(out_.files.begin(), out_.files.end(), [&](const RecordFile& file) { return file.path == path; });
    if (!there) out_.files.push_back({path, step.results});
  }

  Digest add(const doc::Node& statement) {
    auto bytes = doc::to_pretty_json(statement) + "\n";
    const auto digest = sys::sha256(bytes);
    out_.files.push_back({folder_ + digest.hex() + ".json", std::move(bytes)});
    return digest;
  }

  Run& run_;
  std::string folder_;
  Statements out_;
};

Result<bool> is_there(sys::GitRepository& repository, const sys::ObjectId& commit, const std::string& path) {
  TRY(const auto tip, repository.ref(kRecordsRef));
  if (!tip) return false;
  TRY(const auto files, repository.tree(*tip, record_folder(commit)));
  return std::any_of(files.begin(), files.end(), [&](const sys::TreeEntry& file) { return file.path == path; });
}

}  // namespace

Statements statements_of(Run& run) { return Writer(run).write(); }

Result<std::string> record(sys::GitRepository& repository, Run& run) {
  if (run.commit.empty()) return std::string("nothing was recorded: the repository has no commit yet");
  auto statements = statements_of(run);
  TRY(const bool known, is_there(repository, run.commit, statements.files.back().path));
  if (known) return std::string();
  sys::GitRepository::RefUpdate records{std::string(kRecordsRef), statements.note, {}};
  for (auto& file : statements.files) records.files.push_back({file.path, std::move(file.bytes)});
  sys::GitRepository::RefUpdate notes{std::string(kNotesRef), statements.note, {{run.commit, statements.note}}};
  std::vector<sys::GitRepository::RefUpdate> updates;
  updates.push_back(
      std::move(notes));  // First: of the two, only its move also writes a log, and is more likely to fail.
  updates.push_back(std::move(records));
  TRY(auto committed, repository.commit_files(updates));
  return std::move(committed.said);
}

}  // namespace llmops::lineage

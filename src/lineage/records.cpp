#include "lineage/records.h"

#include <algorithm>

#include "base/text.h"
#include "doc/json.h"
#include "lineage/predicates.h"
#include "lineage/record.h"
#include "lineage/record_place.h"
#include "sys/hash.h"

namespace llmops::lineage {
namespace {

constexpr std::size_t kLeastPrefix = 4;
/// More than these are listed in one go.
constexpr std::size_t kFewFolders = 8;

Record::Kind kind_from(std::string_view predicate_type) {
  if (predicate_type == kRunPredicate) return Record::Kind::run;
  if (predicate_type == kProvenance) return Record::Kind::provenance;
  if (predicate_type == kTestResult) return Record::Kind::test_result;
  return Record::Kind::other;
}

/// The kind as our own writer's form shows it, without reading the whole; nothing where that form isn't met.
std::optional<Record::Kind> kind_at_a_glance(std::string_view bytes) {
  static constexpr std::string_view kStart = "{\n  \"_type\": \"https://in-toto.io/Statement/v1\",\n";
  static constexpr std::string_view kKey = "\n  \"predicateType\": \"";
  if (!bytes.starts_with(kStart) || !bytes.ends_with("\n}\n")) return std::nullopt;
  const auto key = bytes.find(kKey);
  if (key == std::string_view::npos) return std::nullopt;
  const auto value = bytes.substr(key + kKey.size());
  return kind_from(value.substr(0, value.find('"')));
}

std::optional<Record::Kind> kind_of(std::string_view bytes) {
  if (const auto kind = kind_at_a_glance(bytes)) return kind;
  const auto statement = doc::parse_json_data(bytes);
  if (!statement || statement->get("_type", "") != kStatementType) return std::nullopt;
  return kind_from(statement->get("predicateType", ""));
}

/// Nothing unless the bytes are what the file's name says.
std::optional<Record> read_record(const RecordPlace& place, std::string_view bytes) {
  if (sys::sha256(bytes) != place.digest) return std::nullopt;
  const auto kind = kind_of(bytes);
  if (!kind) return std::nullopt;
  return Record{place.digest, place.commit, *kind, std::string(bytes)};
}

std::optional<RunEntry> read_run(const Record& record) {
  auto statement = record.statement();
  if (!statement) return std::nullopt;
  auto* predicate = statement->find("predicate");
  auto* document = predicate ? predicate->find("document") : nullptr;
  if (!document || document->get("run", "").empty()) return std::nullopt;
  return RunEntry{record.digest, record.commit, std::move(*document)};
}

bool is_passing(const doc::Node& document, std::string_view recipe, std::string_view environment,
                const std::string& release_key) {
  return document.get("status", "") == "passed" && !document.get("partial", false) &&
         document.get("recipe", "") == recipe && document.get("environment", "") == environment &&
         document.get("release_key", "") == release_key;
}

/// The files of a tree that are records, with what their places say.
struct Listing {
  std::vector<RecordPlace> places;
  std::vector<sys::ObjectId> blobs;
  std::map<Digest, sys::ObjectId> results;
  std::size_t strangers = 0;
};

Result<Listing> list(sys::GitRepository& repository, const sys::ObjectId& tip, std::string_view folder) {
  Listing out;
  TRY(const auto files, repository.tree(tip, folder));
  for (const auto& file : files) {
    auto place = record_place(file.path, repository.object_format());
    const bool plain_file = file.mode == 0100644 || file.mode == 0100755;
    if (!place || !plain_file) {
      ++out.strangers;
    } else if (place->form == RecordPlace::Form::record) {
      out.places.push_back(*std::move(place));
      out.blobs.push_back(file.id);
    } else if (place->form == RecordPlace::Form::results) {
      out.results[place->digest] = file.id;
    }
  }
  return out;
}

}  // namespace

std::string_view to_string(Record::Kind kind) {
  switch (kind) {
    case Record::Kind::run:
      return "run";
    case Record::Kind::provenance:
      return "provenance";
    case Record::Kind::test_result:
      return "test-result";
    case Record::Kind::other:
      return "other";
  }
  return "other";
}

Result<doc::Node> Record::statement() const {
  auto out = doc::parse_json_data(bytes);
  if (!out) return environment_error("the record " + digest.brief() + " can't be read: " + out.error().message);
  return out;
}

Result<Records> Records::read(sys::GitRepository& repository) {
  Records out;
  TRY(const auto tip, repository.ref(kRecordsRef));
  if (!tip) return out;
  TRY(auto listing, list(repository, *tip, {}));
  out.unreadable_ = listing.strangers;
  out.result_blobs_ = std::move(listing.results);
  TRY_VOID(repository.blobs(listing.blobs, [&](std::size_t index, std::string_view bytes) {
    auto record = read_record(listing.places[index], bytes);
    auto run = record && record->kind == Record::Kind::run ? read_run(*record) : std::nullopt;
    if (!record || (record->kind == Record::Kind::run && !run)) {
      ++out.unreadable_;
      return;
    }
    if (run) out.runs_.push_back(*std::move(run));
    out.by_digest_.emplace(record->digest, out.all_.size());
    out.all_.push_back(*std::move(record));
  }));
  std::stable_sort(out.runs_.begin(), out.runs_.end(), [](const RunEntry& a, const RunEntry& b) {
    return std::pair(a.started(), a.id()) > std::pair(b.started(), b.id());
  });
  return out;
}

const Record* Records::find(const Digest& digest) const {
  const auto found = by_digest_.find(digest);
  return found == by_digest_.end() ? nullptr : &all_[found->second];
}

Result<const RunEntry*> Records::run(std::string_view id) const {
  const auto wanted = text::lower(id);
  const auto shown = "`" + text::printable(id) + "`";
  if (wanted.size() < kLeastPrefix) {
    return usage_error(shown + " is too short for a run's id, which needs at least 4 characters");
  }
  const RunEntry* found = nullptr;
  for (const auto& entry : runs_) {
    const auto known = text::lower(entry.id());
    if (known == wanted) return &entry;
    if (!known.starts_with(wanted)) continue;
    if (found && found->id() != entry.id()) {
      return usage_error(shown + " fits several runs, " + found->id() + " and " + entry.id(), "give more of its id");
    }
    found = &entry;
  }
  if (!found) return usage_error("there is no run " + shown, "`llmops log` lists the runs");
  return found;
}

std::vector<const RunEntry*> Records::of_commit(const sys::ObjectId& commit) const {
  std::vector<const RunEntry*> out;
  for (const auto& entry : runs_) {
    if (entry.commit == commit) out.push_back(&entry);
  }
  return out;
}

const RunEntry* Records::passing(std::string_view recipe, std::string_view environment,
                                 const Digest& release_key) const {
  const auto key = release_key.to_string();
  for (const auto& entry : runs_) {
    if (is_passing(entry.document, recipe, environment, key)) return &entry;
  }
  return nullptr;
}

Result<std::optional<std::string>> Records::results(sys::GitRepository& repository, const Record& record) const {
  TRY(const auto statement, record.statement());
  const auto* predicate = statement.find("predicate");
  const auto* results = predicate ? predicate->find("llmops_results") : nullptr;
  if (!results) return std::optional<std::string>{};
  const auto digest = Digest::parse(results->get("sha256", ""));
  const auto blob = digest ? result_blobs_.find(*digest) : result_blobs_.end();
  if (blob == result_blobs_.end()) {
    return environment_error("the results of the record " + record.digest.brief() + " are missing from `" +
                             std::string(kRecordsRef) + "`");
  }
  TRY(auto bytes, repository.blob(blob->second));
  if (sys::sha256(bytes) != *digest) {
    return environment_error("the results of the record " + record.digest.brief() + " are not those it tells of");
  }
  return std::optional(std::move(bytes));
}

Result<Recorded> recorded(sys::GitRepository& repository, const sys::ObjectId& commit, std::string_view recipe,
                          std::string_view environment, const Digest& release_key) {
  TRY(const auto tip, repository.ref(kRecordsRef));
  if (!tip || commit.empty()) return Recorded::no;
  TRY(const auto listing, list(repository, *tip, record_folder(commit)));
  auto found = Recorded::no;
  TRY_VOID(repository.blobs(listing.blobs, [&](std::size_t index, std::string_view bytes) {
    if (found == Recorded::clean) return;
    const auto record = read_record(listing.places[index], bytes);
    const auto run = record && record->kind == Record::Kind::run ? read_run(*record) : std::nullopt;
    if (!run || !is_passing(run->document, recipe, environment, release_key.to_string())) return;
    found = run->document.get("dirty", false) ? Recorded::dirty : Recorded::clean;
  }));
  return found;
}

Result<std::set<std::string>> present(sys::GitRepository& repository, const std::vector<RecordName>& wanted) {
  std::set<std::string> out, folders;
  for (const auto& name : wanted) {
    if (!name.commit.empty()) folders.insert(record_folder(name.commit));
  }
  TRY(const auto tip, repository.ref(kRecordsRef));
  if (!tip || folders.empty()) return out;
  if (folders.size() > kFewFolders) folders = {""};
  std::set<std::string> paths;
  for (const auto& folder : folders) {
    TRY(const auto files, repository.tree(*tip, folder));
    for (const auto& file : files) paths.insert(file.path);
  }
  for (const auto& name : wanted) {
    const auto digest = Digest::parse(name.digest);
    if (digest && paths.contains(record_folder(name.commit) + digest->hex() + ".json")) out.insert(name.digest);
  }
  return out;
}

}  // namespace llmops::lineage

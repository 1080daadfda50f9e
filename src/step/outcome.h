#pragma once
/// \file  How a step ended, as a value that is cached, journalled, recorded and shown.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/digest.h"
#include "base/result.h"
#include "base/units.h"
#include "doc/node.h"

namespace llmops::step {

/// `ran cached skipped failed error inconclusive`, as the command line's documents promise them.
enum class Status {
  ran,           ///< Ran now and passed.
  cached,        ///< Same key, outputs still there: not run.
  skipped,       ///< `if`, `environments`, or a step it needs did not pass.
  failed,        ///< The step's own work failed, or a gate said no.
  error,         ///< It could not be done: the environment, invalid data.
  inconclusive,  ///< A gate that can't tell, or a budget that ended.
};
std::string_view to_string(Status status);
std::optional<Status> status_from(std::string_view text);

/// What a step made, under its declared name.
struct Output {
  std::string name;
  std::string path;              ///< In the repository; empty where it lies only in the content store.
  std::optional<Digest> digest;  ///< Of a file's bytes, or of a folder's manifest; nothing for a plain value.
  Bytes size;
  bool folder = false;      ///< `digest` is that of its manifest.
  bool executable = false;  ///< Of a file: its owner may execute it. A folder's manifest says it of each.
  bool in_record = false;   ///< Its bytes are kept with the record, so that a clone has them.
  doc::Node value;          ///< What `${steps.<id>.outputs.<name>}` yields: the path, the digest, or the value.
  friend bool operator==(const Output&, const Output&) = default;
};

struct QueryCounts {
  std::int64_t asked = 0, cached = 0, errors = 0, retries = 0;
  friend bool operator==(const QueryCounts&, const QueryCounts&) = default;
};

struct Outcome {
  Status status = Status::ran;
  std::string reason;  ///< One line: why it failed, why it ran, what it found.
  std::vector<Output> outputs;
  std::vector<doc::Node> metrics;  ///< As `score::to_node` makes them.
  doc::Node gate;                  ///< `{"decision","selected","requirements":[…]}`, or null.
  QueryCounts queries;
  std::optional<Usd> cost = Usd{0};  ///< Nothing where a price is not known.
  Duration duration{0};
  std::optional<Error> error;    ///< Of `failed` and `error`.
  bool blocks = false;           ///< Of a skipped step: those that need it are skipped too.
  bool cacheable = true;         ///< False where running it again could end otherwise (failed queries, a gate's no).
  std::string statement;         ///< Digest of the record that tells of it; empty before it is recorded.
  std::string statement_commit;  ///< The commit that this record is kept with; empty where there is none.

  bool passed() const { return status == Status::ran || status == Status::cached; }
  /// Whether steps that need this one may run.
  bool lets_go_on() const { return passed() || (status == Status::skipped && !blocks); }
  const Output* output(std::string_view name) const;
};

doc::Node to_node(const Outcome& outcome);
Result<Outcome> outcome_from(const doc::Node& node);

}  // namespace llmops::step

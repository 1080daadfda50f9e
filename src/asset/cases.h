#pragma once
/// \file  The cases of a dataset: JSON Lines or CSV.
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "doc/node.h"
#include "sys/file_system.h"

namespace llmops::asset {

/// Which fields mean what; empty names mean nothing.
struct CaseFields {
  std::string expected, id, cluster;
  std::string assertions = {};  ///< Holds the scorers of the case itself.
};

struct Case {
  std::string id;    ///< From the field (default `id`); where that says nothing, 12 digits of the line's SHA-256.
  doc::Node fields;  ///< A map: the case as written.
  std::optional<std::string> expected;  ///< A list or map as its JSON.
  std::string cluster;                  ///< Empty: none.
};

/// A dataset in memory: its bytes, and where each case stands. 100,000 short cases take about as much memory as the
/// file. Immutable after `open`; `at` is safe from many threads.
class Cases {
 public:
  /// Reads and checks all of it. Errors (kind `invalid`), each with file, line and column: malformed line, not an
  /// object, bytes that are not UTF-8, a CSV row with more fields than its header, two cases with one id (both lines
  /// are named), two columns of one name, a missing
  /// `expected`, `cluster` or named `id` field, no case at all. `.csv` is CSV (RFC 4180, with a header),
  /// anything else JSON Lines; empty lines are passed over. At most 20 errors are collected.
  static Result<Cases, Errors> open(sys::FileSystem& files, const sys::Path& file, std::string name, CaseFields fields);

  std::size_t size() const { return spans_.size(); }
  Result<Case> at(std::size_t index) const;
  /// The fields of a case with their places; those of a CSV row have the row's. `at` leaves places out.
  Result<doc::Node> placed(std::size_t index) const;
  const CaseFields& fields() const { return fields_; }
  /// Only these, in this order.
  Cases subset(const std::vector<std::size_t>& indices) const;

 private:
  struct Span {
    std::size_t offset = 0;
    std::uint32_t length = 0, line = 0;
  };
  Result<doc::Node> parse(const Span& span) const;
  Result<Case> read(const Span& span) const;

  std::string name_;
  std::shared_ptr<const std::string> text_;
  std::vector<Span> spans_;
  std::vector<std::string> header_;  ///< Of CSV; empty for JSON Lines.
  CaseFields fields_;
};

}  // namespace llmops::asset

#include "score/sql.h"

#include <pg_query.h>

#include "base/text.h"

namespace llmops::score {
namespace {

/// What the parser found; freed by itself.
class Split {
 public:
  // Of the ways to parse, the one that only tells where statements end: the others go down the tree by recursion.
  explicit Split(const std::string& text) : result_(::pg_query_split_with_parser(text.c_str())) {}
  Split(const Split&) = delete;
  Split& operator=(const Split&) = delete;
  ~Split() { ::pg_query_free_split_result(result_); }

  int statements() const { return result_.n_stmts; }
  std::string error() const { return result_.error ? std::string(result_.error->message) : std::string(); }

 private:
  PgQuerySplitResult result_;
};

}  // namespace

Result<std::string> problem_of_sql(std::string_view text) {
  if (text.size() > kLongestSql) {
    return invalid_error("longer than 16 KiB: it can't be told whether this is SQL", {}, "cut it with a `transform`");
  }
  if (text.find('\0') != std::string_view::npos || text::invalid_utf8(text)) return std::string("it is no UTF-8 text");
  const Split split{std::string(text)};
  const auto error = split.error();
  if (error.starts_with("memory exhausted")) {
    return invalid_error("nested too deep: it can't be told whether this is SQL");
  }
  if (error.empty() && split.statements() == 0) return std::string("it has no statement");
  return error;
}

}  // namespace llmops::score

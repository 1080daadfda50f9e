#pragma once
/// \file  Where a file of the records tree lies, and what that says. Private to this room.
#include <optional>
#include <string>
#include <string_view>

#include "base/digest.h"
#include "sys/git.h"

namespace llmops::lineage {

struct RecordPlace {
  enum class Form {
    record,     ///< `<digest>.json`
    results,    ///< `<digest>.results.jsonl`
    companion,  ///< Anything else beside a record: a signature.
  };
  sys::ObjectId commit;
  Digest digest;
  Form form = Form::record;
};

/// `<2 hex>/<commit id>/`
std::string record_folder(const sys::ObjectId& commit);
/// Nothing for a path that no record has.
std::optional<RecordPlace> record_place(std::string_view path, sys::ObjectFormat format);

}  // namespace llmops::lineage

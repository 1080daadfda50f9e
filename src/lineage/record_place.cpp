#include "lineage/record_place.h"

namespace llmops::lineage {

std::string record_folder(const sys::ObjectId& commit) { return commit.substr(0, 2) + "/" + commit + "/"; }

std::optional<RecordPlace> record_place(std::string_view path, sys::ObjectFormat format) {
  constexpr std::size_t kFanOut = 3, kDigestDigits = 64;
  const std::size_t digits = format == sys::ObjectFormat::sha1 ? 40 : 64;
  const std::size_t name_at = kFanOut + digits + 1;
  if (path.size() <= name_at + kDigestDigits) return std::nullopt;
  RecordPlace out;
  out.commit = path.substr(kFanOut, digits);
  const bool hex = out.commit.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (!hex || !path.starts_with(record_folder(out.commit))) return std::nullopt;
  const auto name = path.substr(name_at, kDigestDigits), ending = path.substr(name_at + kDigestDigits);
  const auto digest = Digest::parse(name);
  if (!digest || digest->hex() != name || ending.find('/') != std::string_view::npos) return std::nullopt;
  out.digest = *digest;
  out.form = ending == ".json"            ? RecordPlace::Form::record
             : ending == ".results.jsonl" ? RecordPlace::Form::results
                                          : RecordPlace::Form::companion;
  if (!ending.starts_with('.')) return std::nullopt;
  return out;
}

}  // namespace llmops::lineage

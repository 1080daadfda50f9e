#pragma once
/// \file  References between schemas (RFC 3986, section 5). Nothing here is ever fetched.
#include <string>
#include <string_view>

namespace llmops::score::json_schema {

/// The reference as it reads from `base`; a base that is empty or relative gives a relative result.
std::string resolve_uri(std::string_view base, std::string_view reference);

/// A URI without its fragment, and the fragment (without `#`, its percent signs decoded).
struct SplitUri {
  std::string document, fragment;
};
SplitUri split_fragment(std::string_view uri);

}  // namespace llmops::score::json_schema

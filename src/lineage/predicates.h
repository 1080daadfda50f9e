#pragma once
/// \file  The names of what is recorded: in-toto's and SLSA's own, and ours where they have none.
#include <string_view>

namespace llmops::lineage {

inline constexpr std::string_view kStatementType = "https://in-toto.io/Statement/v1";
inline constexpr std::string_view kProvenance = "https://slsa.dev/provenance/v1";
inline constexpr std::string_view kTestResult = "https://in-toto.io/attestation/test-result/v0.1";
inline constexpr std::string_view kRunPredicate = "urn:llmops:run:v1";

/// The annotation of a dependency that says what it was to the step: `prompt terse`, `dataset golden`.
inline constexpr std::string_view kInput = "llmops_input";

}  // namespace llmops::lineage

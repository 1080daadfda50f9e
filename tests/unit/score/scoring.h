#pragma once
/// \file  Scorers made from a line of YAML, and answers to score.
#include <doctest/doctest.h>

#include <optional>
#include <string>

#include "doc/yaml.h"
#include "score/scorer.h"

namespace llmops::score::testing {

inline Result<ScorerConfig, Errors> config_of(const std::string& yaml) {
  TRY(const auto node, doc::parse_yaml("r.yaml", yaml));
  return record_of(static_cast<ScorerConfig*>(nullptr)).bind(node, schema::Late::allow);
}

inline std::unique_ptr<Scorer> made(const std::string& yaml) {
  CAPTURE(yaml);
  const auto config = config_of(yaml);
  REQUIRE(config);
  auto scorer = make_scorer(*config);
  REQUIRE(scorer);
  return *std::move(scorer);
}

/// The first error, found when the configuration is read or when the scorer is made.
inline std::string refused(const std::string& yaml) {
  CAPTURE(yaml);
  const auto config = config_of(yaml);
  if (!config) return config.error().front().at.to_string() + ": " + config.error().front().message;
  const auto scorer = make_scorer(*config);
  REQUIRE_FALSE(scorer);
  return scorer.error().front().at.to_string() + ": " + scorer.error().front().message;
}

inline Sample answer(std::string output, std::optional<std::string> expected = std::nullopt) {
  Sample out;
  out.output = std::move(output);
  out.expected = std::move(expected);
  return out;
}

inline double value(const std::string& yaml, const Sample& sample) {
  CAPTURE(yaml);
  const auto scored = made(yaml)->score(sample);
  REQUIRE(scored);
  return scored->value;
}

/// Why a wrong answer is one.
inline std::string reason(const std::string& yaml, const Sample& sample) {
  CAPTURE(yaml);
  const auto scored = made(yaml)->score(sample);
  REQUIRE(scored);
  return scored->reason;
}

/// The message of a case's error.
inline std::string failure(const std::string& yaml, const Sample& sample) {
  CAPTURE(yaml);
  const auto scored = made(yaml)->score(sample);
  REQUIRE_FALSE(scored);
  CHECK(scored.error().kind == ErrorKind::invalid);
  return scored.error().message;
}

inline Sample with_case(Sample sample, const doc::Node& fields) {
  sample.case_fields = &fields;
  return sample;
}

}  // namespace llmops::score::testing

#pragma once
/// \file  in-toto ResourceDescriptors of what a step read, made and measured. Private to this room.
#include "doc/node.h"
#include "lineage/run.h"

namespace llmops::lineage {

/// `{"name", "digest": {"sha256"}}`
doc::Node resource(std::string_view name, const Digest& sha256);
doc::Node resource(std::string_view name, std::string_view digest_kind, std::string_view digest);

/// The commit (and the tree of a dirty work tree), then everything the step rested on.
doc::Node dependencies_of(const Run& run, const StepRun& step);

/// What the step's Statement is about: for what measured, the cells; for a gate, the results it decided on; else its
/// outputs. The step's key where there is none of these.
doc::Node subjects_of(const Run& run, const StepRun& step);

}  // namespace llmops::lineage

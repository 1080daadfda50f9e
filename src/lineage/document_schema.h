#pragma once
/// \file  The shapes of the JSON documents of this room, for `schemas/` and for whoever checks one.
#include "schema/type.h"

namespace llmops::lineage {

/// Of `to_document`. Keys that may be null are there all the same.
schema::Type run_document_type();
/// Of `to_node(const Graph&)`.
schema::Type graph_document_type();

}  // namespace llmops::lineage

#pragma once
/// \file  Texts that stand where something else is wanted.
#include "doc/node.h"
#include "schema/type.h"

namespace llmops::schema {

/// `node` with each text that stands where `type` wants a number or a truth read as YAML reads it without quotes, where
/// that gives one. All else stays as it is, for `check` to judge.
doc::Node fitted(const Type& type, doc::Node node);

}  // namespace llmops::schema

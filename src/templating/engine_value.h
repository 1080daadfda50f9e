#pragma once
/// \file  A document's value as the template engine's.
#include <memory>

#include "doc/node.h"
#include "templating/message.h"

namespace jinja {
struct value_t;
}

namespace llmops::templating {

/// Throws what the engine throws where a bound of the running execution is passed.
std::shared_ptr<jinja::value_t> to_engine(const doc::Node& node, Origin origin);

}  // namespace llmops::templating

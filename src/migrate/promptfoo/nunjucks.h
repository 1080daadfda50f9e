#pragma once
/// \file  Nunjucks templates as Jinja. Private to this room.
#include <optional>
#include <set>
#include <string>

#include "doc/node.h"
#include "migrate/notes.h"

namespace llmops::migrate::promptfoo {

/// The same template in Jinja: `dump` is `tojson`, `safe` is left out, `elseif` is `elif`, and a line break behind a
/// block, which Nunjucks keeps, is doubled, since one is dropped. What has no counterpart is noted at `at`.
std::string to_jinja(std::string template_text, const SourcePos& at, Notes& notes);

/// Whether a text is a template at all.
bool is_template(std::string_view text);

/// A text of a setting, as a scorer reads it: `{{ name }}` becomes `${case.name}`, and its names join `fields`. Nothing
/// where it holds more than names, or `${` of its own, which would mean a field here.
std::optional<std::string> to_setting(const std::string& text, std::set<std::string>& fields);

/// A template that makes JSON, with the loops over lists among these variables done, and every other name left as it
/// is. `for a, b in c` goes over a map there. Nothing where that can't be done.
std::optional<std::string> unrolled(const std::string& text, const doc::Node& variables);

/// A text rendered with these variables, as far as it can be; else nothing.
std::optional<std::string> rendered(const std::string& text, const doc::Node& variables);

}  // namespace llmops::migrate::promptfoo

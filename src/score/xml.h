#pragma once
/// \file  Whether a text is well-formed XML 1.0, and which elements it has. Nothing outside the text is ever read.
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace llmops::score {

/// The names from the root element down: `{"note", "to"}`.
using XmlPath = std::vector<std::string>;

enum class XmlExtent {
  document,  ///< The whole text: prolog, one root element, and nothing but comments behind.
  element,   ///< An element at the front; what follows its end is not looked at.
};

struct XmlReading {
  std::string problem;           ///< Why it is none; empty where it is one.
  std::size_t problem_at = 0;    ///< The byte where that was found.
  std::vector<XmlPath> missing;  ///< Of the required ones.
  std::size_t length = 0;        ///< How many bytes were looked at; `problem_at` or more.
};

/// Reads with Expat, as UTF-8. A document type with declarations inside is a problem, so no entity is ever expanded but
/// the five of XML itself. Without required paths, reading an `element` stops at the first end of one, the root's or an
/// inner one's.
/// Errors (kind `invalid`): nested more than 1,000 deep, or over 2 GiB: it can't be told.
Result<XmlReading> read_xml(std::string_view text, const std::vector<XmlPath>& required, XmlExtent extent);

}  // namespace llmops::score

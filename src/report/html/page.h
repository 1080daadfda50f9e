#pragma once
/// \file  The frame around a report's content: one file that needs no other. Private to this room.
#include <string>

#include "report/html/markup.h"

namespace llmops::report {

struct Page {
  std::string title;
  Markup body;
  std::string data;  ///< JSON that the script reads; empty: none.
};

/// The whole document. Its policy lets a browser load nothing, and run and apply only our script and our style, which
/// it knows by their digests. Equal pages give equal bytes.
std::string to_html(const Page& page);

}  // namespace llmops::report

#pragma once
/// \file  What a page's behaviour and looks are: the `.js` and `.css` files of this folder, put into the program when
/// it is built. Private to this room.
#include <string_view>

namespace llmops::report {

std::string_view page_script();
std::string_view page_style();

}  // namespace llmops::report

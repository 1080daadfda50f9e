#include "doc/yaml_syntax.h"

#include <algorithm>
#include <string_view>

#include "base/text.h"

namespace llmops::doc {
namespace {

struct Saying {
  std::string_view theirs;  ///< The start of yaml-cpp's text.
  std::string_view message;
  std::string_view hint;
};

constexpr Saying kSayings[] = {
    {"illegal map value", "a `:` where no key can stand",
     "quote the text if the `:` belongs to it, else check the indentation"},
    {"illegal block entry", "a `-` where no list item can stand", "check the indentation, or quote the text"},
    {"illegal map key", "a `?` where no key can stand", "quote the text"},
    {"illegal flow end", "a closing bracket without an opening one", "remove it, or quote the text"},
    {"end of map not found", "found text where the next key of the map was expected",
     "check the indentation and the quotes of this line"},
    {"end of sequence not found", "found text where the next item of the list was expected",
     "check the indentation and the quotes of this line"},
    {"unknown token", "a character that no plain text starts with", "quote the text"},
    {"unknown escape character", "a backslash stands before no known escape",
     "write `\\\\` for a backslash, or use single quotes"},
    {"bad character found while scanning hex number", "an escape lacks hexadecimal digits", ""},
    {"invalid unicode", "an escape names no character", ""},
    {"the referenced anchor is not defined", "the alias names no anchor",
     "define it before with `&`, or quote text that starts with `*`"},
    {"alias not found after *", "a `*` without a name", "quote text that starts with `*`"},
    {"anchor not found after &", "a `&` without a name", "quote text that starts with `&`"},
    {"illegal document indicator in scalar", "a document marker inside quotes", "close the quotes, or indent the line"},
    {"unexpected character in block scalar", "text behind the block scalar's `|` or `>`",
     "put the text on the next line"},
    {"illegal tab when looking for indentation", "a tab in the indentation", "indent with spaces"},
    {"cannot set zero indentation", "a block scalar with indentation 0", "leave the number out"},
    {"bad file", "lists and maps are nested too deeply", ""},
};

/// The opening quote that made the parser run into the end of the text.
std::size_t unclosed_quote(const YamlText& text, std::size_t from) {
  const auto all = text.text();
  for (auto at = all.find_first_of("'\"", from); at != std::string_view::npos; at = all.find_first_of("'\"", at + 1)) {
    if (at > 0 && std::string_view(" \t\n[{,:").find(all[at - 1]) == std::string_view::npos) continue;
    const auto end = text.end_of_quoted(at);
    if (!end) return at;
    at = *end - 1;
  }
  return all.size();
}

/// At the end of the text yaml-cpp names its end or its start.
bool is_at_end(std::string_view all, std::size_t byte) { return byte == 0 || text::trim(all.substr(byte)).empty(); }

enum class Stopped { at_end, before_end };

Error in_flow(Stopped stopped, const SourcePos& at, const YamlBuilder::OpenFlow& open) {
  const std::string closing = open.bracket == '{' ? "}" : "]";
  if (stopped == Stopped::at_end) {
    return invalid_error(std::string("`") + open.bracket + "` is never closed", open.at, "add the `" + closing + "`");
  }
  return invalid_error("expected `,` or `" + closing + "` here", at,
                       std::string("the `") + open.bracket + "` on line " + std::to_string(open.at.line) +
                           " is still open; quote text with brackets, braces or commas in it");
}

bool is_bare_expression(std::string_view all, std::size_t at) {
  return at > 0 && at < all.size() && all[at - 1] == '$' && all[at] == '{';
}

}  // namespace

Error syntax_error(const YAML::Exception& failure, YamlText& text, const YamlBuilder& builder) {
  const std::string_view theirs = failure.msg;
  const auto all = text.text();
  const auto byte = failure.mark.is_null() ? 0 : std::min(static_cast<std::size_t>(failure.mark.pos), all.size());
  const auto at = text.place(byte);
  if (theirs.starts_with("illegal EOF in scalar")) {
    const auto quote = unclosed_quote(text, builder.seen_until());
    const auto shown = quote < all.size() ? "the quote `" + std::string(1, all[quote]) + "`" : "a quote";
    return invalid_error(shown + " is never closed", position_at(text.source(), quote), "close it");
  }
  if (is_bare_expression(all, byte)) {
    return invalid_error("an unquoted `${…}` inside `{}` or `[]`", at, "quote it: \"${…}\"");
  }
  const auto line = text.source()->line(at.line);
  const auto indentation = line.substr(0, std::min(line.find_first_not_of(" \t-?"), line.size()));
  if (indentation.find('\t') != std::string_view::npos) {
    return invalid_error("a tab in the indentation", at, "indent with spaces");
  }
  const auto open = builder.open_flow();
  if (open && theirs.starts_with("end of ") && theirs.find("flow") != std::string_view::npos) {
    return in_flow(is_at_end(all, byte) ? Stopped::at_end : Stopped::before_end, at, *open);
  }
  for (const auto& [start, message, hint] : kSayings) {
    if (theirs.starts_with(start)) return invalid_error(std::string(message), at, std::string(hint));
  }
  return invalid_error("this is no YAML: " + text::lower(theirs), at);
}

}  // namespace llmops::doc

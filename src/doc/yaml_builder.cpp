#include "doc/yaml_builder.h"

#include <yaml-cpp/mark.h>

#include <algorithm>

#include "base/text.h"
#include "doc/unique_keys.h"

namespace llmops::doc {
namespace {

constexpr std::size_t kMostNodes = 200'000;
constexpr std::size_t kMostBytes = std::size_t{8} << 20;
constexpr std::size_t kMostDepth = 200;
constexpr std::size_t kMostErrors = 100;

/// yaml-cpp's tags of scalars that have none: plain and not plain.
constexpr std::string_view kPlain = "?", kQuoted = "!", kString = "tag:yaml.org,2002:str";

std::string quoted(std::string_view value) { return "\"" + text::shorten(value, 60) + "\""; }

/// yaml-cpp's positions count bytes, and so do its columns.
std::size_t byte_of(const YAML::Mark& mark) { return mark.pos < 0 ? 0 : static_cast<std::size_t>(mark.pos); }

/// Whether a null is written here, given the next five bytes.
bool is_null_text(std::string_view rest) {
  for (const std::string_view word : {"~", "null", "Null", "NULL"}) {
    if (!rest.starts_with(word)) continue;
    const auto behind = rest.substr(word.size());
    return behind.empty() || std::string_view(" \t\r\n,]}").find(behind[0]) != std::string_view::npos;
  }
  return false;
}

}  // namespace

void YamlBuilder::OnDocumentStart(const YAML::Mark&) {}
void YamlBuilder::OnDocumentEnd() {}

void YamlBuilder::OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) {
  auto at = place_of_null(mark);
  if (expects_key()) report("a key must be a string, found nothing", at, "write the key, in quotes where it is `null`");
  add(Node().set_at(std::move(at)), anchor, {1, 0});
}

void YamlBuilder::OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) {
  auto at = place(mark);
  const auto found = anchors_.find(anchor);
  if (found == anchors_.end()) {
    report("the alias stands inside the value that it names", at, "write the value out");
    add(Node().set_at(std::move(at)), 0, {1, 0});
    return;
  }
  spend(found->second.cost, at);
  add(Node(found->second.node).set_at(std::move(at)), 0, {});
}

void YamlBuilder::OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                           const std::string& value) {
  const Scalar scalar{mark, tag, value, text_.skip_properties(byte_of(mark))};
  const bool plain = tag == kPlain;
  const auto at = place(mark);
  if (!plain && tag != kQuoted && tag != kString) refuse_tag(tag, at);
  check_raw(scalar, plain);
  const auto role = expects_key() ? ScalarRole::key : ScalarRole::value;
  auto node = value_of(scalar, role, plain).value_or(Node(value));
  add(std::move(node.set_at(at)), anchor, {1, value.size()});
}

void YamlBuilder::OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                                  YAML::EmitterStyle::value style) {
  if (tag != kPlain) refuse_tag(tag, place(mark));
  begin(Node::list(), mark, anchor, style);
}
void YamlBuilder::OnSequenceEnd() { end(); }

void YamlBuilder::OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                             YAML::EmitterStyle::value style) {
  if (tag != kPlain) refuse_tag(tag, place(mark));
  begin(Node::map(), mark, anchor, style);
}
void YamlBuilder::OnMapEnd() { end(); }

std::optional<YamlBuilder::OpenFlow> YamlBuilder::open_flow() const {
  for (auto frame = frames_.rbegin(); frame != frames_.rend(); ++frame) {
    if (frame->flow) return OpenFlow{frame->node.at(), frame->node.is_map() ? '{' : '['};
  }
  return std::nullopt;
}

SourcePos YamlBuilder::place(const YAML::Mark& mark) { return text_.place(byte_of(mark)); }

/// yaml-cpp gives a value that was left out the place of whatever comes next: point to what lacks a value instead.
SourcePos YamlBuilder::place_of_null(const YAML::Mark& mark) {
  const auto byte = text_.skip_properties(byte_of(mark));
  if (is_null_text(text_.text().substr(std::min(byte, text_.text().size()), 5))) {
    seen_until_ = std::max(seen_until_, byte + 1);
    return place(mark);
  }
  if (frames_.empty()) return place(mark);
  const auto& frame = frames_.back();
  if (frame.awaits_value) return frame.node.entries().empty() ? frame.node.at() : frame.node.entries().back().key_at;
  return frame.flow || frame.node.is_map() ? place(mark) : frame.node.at();
}

void YamlBuilder::begin(Node node, const YAML::Mark& mark, YAML::anchor_t anchor, YAML::EmitterStyle::value style) {
  auto at = place(mark);
  if (frames_.size() == kMostDepth) {
    report("lists and maps are nested more than 200 deep", at);
    throw Abandoned{};
  }
  const bool flow = style == YAML::EmitterStyle::Flow;
  const auto byte = byte_of(mark);
  if (flow) seen_until_ = std::max(seen_until_, text_.skip_properties(byte) + 1);
  if (!in_flow() && text_.indented_by_tab(byte)) report("a tab in the indentation", at, "indent with spaces");
  const Cost before = spent_;
  spend({1, 0}, at);
  frames_.push_back({std::move(node.set_at(std::move(at))), anchor, flow || in_flow(), false, false, before});
}

void YamlBuilder::end() {
  Frame frame = std::move(frames_.back());
  frames_.pop_back();
  if (frame.node.is_map()) report_repeated_keys(frame.node.entries());
  const Cost cost{spent_.nodes - frame.before.nodes, spent_.bytes - frame.before.bytes};
  if (frame.anchor != 0) {
    spend(cost, frame.node.at());
    anchors_.insert_or_assign(frame.anchor, Anchored{frame.node, cost});
  }
  add(std::move(frame.node), 0, {});
}

/// Puts a finished value where it belongs.
void YamlBuilder::add(Node node, YAML::anchor_t anchor, Cost cost) {
  spend(cost, node.at());
  if (anchor != 0) anchors_.insert_or_assign(anchor, Anchored{node, cost});
  if (frames_.empty()) {
    root_ = std::move(node);
    return;
  }
  auto& frame = frames_.back();
  if (frame.node.is_list()) {
    frame.node.items().push_back(std::move(node));
  } else if (!frame.awaits_value) {
    add_key(std::move(node));
  } else {
    frame.awaits_value = false;
    if (!frame.key_refused) frame.node.entries().back().value = std::move(node);
  }
}

void YamlBuilder::add_key(Node node) {
  auto& frame = frames_.back();
  frame.awaits_value = true;
  frame.key_refused = node.is_list() || node.is_map() || node.is_null();
  if (node.is_list() || node.is_map()) {
    report("a key must be a string, found " + std::string(describe(node.kind())), node.at(),
           "quote the key where text with brackets is meant");
  }
  if (!frame.key_refused) frame.node.entries().push_back({node.text(), node.at(), {}});
}

void YamlBuilder::report_repeated_keys(const std::vector<Entry>& entries) {
  for (const auto& [first, repeat] : repeated_keys(entries)) {
    report("key `" + text::shorten(entries[repeat].key, 60) + "` is written twice", entries[repeat].key_at,
           "it stands on line " + std::to_string(entries[first].key_at.line) + " already: remove one of the two");
  }
}

void YamlBuilder::refuse_tag(std::string_view tag, const SourcePos& at) {
  static constexpr std::string_view kCore = "tag:yaml.org,2002:";
  const auto shown = tag.starts_with(kCore) ? "!!" + std::string(tag.substr(kCore.size())) : std::string(tag);
  report("the tag `" + text::shorten(shown, 60) + "` is not known here", at,
         "remove it; quote a value that is meant as text");
}

/// What only the text shows: quotes that never close, tabs, an expression cut off by a brace.
void YamlBuilder::check_raw(const Scalar& scalar, bool plain) {
  const auto all = text_.text();
  if (scalar.byte >= all.size()) return;
  const char first = all[scalar.byte];
  const auto at = place(scalar.mark);
  if (!plain && (first == '"' || first == '\'')) {
    const auto end = text_.end_of_quoted(scalar.byte);
    if (!end) report(std::string("the quote `") + first + "` is never closed", at, "close it");
    seen_until_ = std::max(seen_until_, end.value_or(all.size()));
  } else {
    seen_until_ = std::max(seen_until_, scalar.byte + 1);
  }
  if (plain && in_flow()) check_bare_expression(scalar);
  if (!in_flow() && text_.indented_by_tab(scalar.byte)) report("a tab in the indentation", at, "indent with spaces");
}

void YamlBuilder::check_bare_expression(const Scalar& scalar) {
  if (!scalar.value.ends_with('$')) return;
  const auto rest = text_.text().substr(scalar.byte);
  if (!rest.starts_with(scalar.value) || rest.substr(scalar.value.size(), 1) != "{") return;
  const auto line = text_.rest_of_line(scalar.byte);
  const auto brace = line.find('}');
  const auto end =
      std::min(line.find_first_of(",]} \t", brace == std::string_view::npos ? brace : brace + 1), line.size());
  const auto written = brace == std::string_view::npos ? std::string("${…}") : std::string(line.substr(0, end));
  report("an unquoted `${…}` inside `{}` or `[]`", place(scalar.mark), "quote it: " + quoted(written));
  bare_expression_ = true;
}

/// The scalar's value; nothing where it was refused.
std::optional<Node> YamlBuilder::value_of(const Scalar& scalar, ScalarRole role, bool plain) {
  if (!plain) return Node(scalar.value);
  const auto at = place(scalar.mark);
  if (role == ScalarRole::key && scalar.value == "<<") {
    report("the merge key `<<` is not known here", at, "write the keys out, or use `include:`");
    return std::nullopt;
  }
  if (is_ambiguous_word(scalar.value)) {
    const auto quote = "quote it: " + quoted(scalar.value);
    report("the unquoted word `" + scalar.value + "` may be text or a boolean", at,
           role == ScalarRole::key ? quote : quote + ", or write true or false");
    return std::nullopt;
  }
  auto value = plain_scalar(scalar.value);
  if (!value) {
    report("the number `" + text::shorten(scalar.value, 40) + "` is beyond a double", at,
           "quote it to keep it as text");
  } else if (role == ScalarRole::key && !value->is_string()) {
    report("a key must be a string, found `" + scalar.value + "`", at, "quote it: " + quoted(scalar.value));
  }
  return value;
}

bool YamlBuilder::expects_key() const {
  return !frames_.empty() && frames_.back().node.is_map() && !frames_.back().awaits_value;
}

void YamlBuilder::spend(Cost cost, const SourcePos& at) {
  spent_.nodes += cost.nodes;
  spent_.bytes += cost.bytes;
  if (spent_.nodes <= kMostNodes && spent_.bytes <= kMostBytes) return;
  report(spent_.nodes > kMostNodes ? "the document has more than 200,000 values, aliases written out"
                                   : "the document has more than 8 MiB of text, aliases written out",
         at, "data belongs in a dataset (JSON Lines or CSV), not in YAML");
  throw Abandoned{};
}

void YamlBuilder::report(std::string message, SourcePos at, std::string hint) {
  errors_.push_back(invalid_error(std::move(message), std::move(at), std::move(hint)));
  if (errors_.size() == kMostErrors) throw Abandoned{};
}

}  // namespace llmops::doc

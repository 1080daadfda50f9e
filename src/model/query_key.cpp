#include <algorithm>
#include <cstring>

#include "model/packing.h"
#include "model/query.h"
#include "sys/hash.h"

namespace llmops::model {
namespace {

constexpr std::string_view kVersion = "llmops query 1";

void pack(Packer& out, const doc::Node& node);

void pack_map(Packer& out, const doc::Node& node) {
  std::vector<const doc::Entry*> sorted;
  sorted.reserve(node.size());
  for (const auto& entry : node.entries()) sorted.push_back(&entry);
  std::sort(sorted.begin(), sorted.end(), [](auto* a, auto* b) { return a->key < b->key; });
  out.number(static_cast<std::int64_t>(sorted.size()));
  for (const auto* entry : sorted) {
    out.text(entry->key);
    pack(out, entry->value);
  }
}

void pack(Packer& out, const doc::Node& node) {
  out.tag(static_cast<char>(node.kind()));
  switch (node.kind()) {
    case doc::Kind::null:
      return;
    case doc::Kind::boolean:
      return out.tag(node.as_bool() ? 1 : 0);
    case doc::Kind::integer:
      return out.number(node.as_int());
    case doc::Kind::real:
      return out.real(node.as_double());
    case doc::Kind::string:
      return out.text(node.as_string());
    case doc::Kind::map:
      return pack_map(out, node);
    case doc::Kind::list:
      break;
  }
  out.number(static_cast<std::int64_t>(node.size()));
  for (const auto& item : node.items()) pack(out, item);
}

/// Neighbouring parts of one origin are one text.
void pack(Packer& out, const templating::Text& text) {
  std::size_t length_at = std::string::npos;
  std::int64_t length = 0;
  auto origin = templating::Origin::author;
  const auto close = [&] {
    if (length_at != std::string::npos) std::memcpy(out.bytes.data() + length_at, &length, sizeof length);
  };
  for (const auto& part : text) {
    if (part.text.empty()) continue;
    if (length_at == std::string::npos || part.origin != origin) {
      close();
      origin = part.origin;
      length = 0;
      out.tag(origin == templating::Origin::author ? 'a' : 'd');
      length_at = out.bytes.size();
      out.number(0);
    }
    out.bytes.append(part.text);
    length += static_cast<std::int64_t>(part.text.size());
  }
  close();
  out.tag('.');
}

void pack(Packer& out, const std::vector<std::string>& texts) {
  out.number(static_cast<std::int64_t>(texts.size()));
  for (const auto& text : texts) out.text(text);
}

void pack(Packer& out, const Parameters& parameters, Draw draw) {
  if (draw == Draw::sampled) {
    out.maybe(parameters.temperature);
    out.maybe(parameters.top_p);
    out.maybe(parameters.seed);
  }
  out.maybe(parameters.max_tokens);
  out.maybe(parameters.context);
  pack(out, parameters.stop);
  pack(out, parameters.extra);
}

/// What was added to the language later: a query without it keeps its key.
void pack_given(Packer& out, const Parameters& parameters) {
  if (!parameters.format.is_null()) {
    out.text("format");
    pack(out, parameters.format);
  }
  if (parameters.tools.size() > 0) {
    out.text("tools");
    pack(out, parameters.tools);
    out.text(parameters.tool_choice);
  }
  if (parameters.logprobs.value_or(false)) out.text("logprobs");
}

std::size_t size_of(const Query& query) {
  std::size_t out = 256;
  for (const auto& message : query.messages) {
    out += message.role.size() + 32;
    for (const auto& part : message.content) out += part.text.size() + 16;
  }
  return out;
}

}  // namespace

Digest query_key(const Digest& model_identity, const Query& query, Draw draw) {
  Packer out;
  out.bytes.reserve(size_of(query));
  out.text(kVersion);
  out.bytes.append(reinterpret_cast<const char*>(model_identity.bytes.data()), model_identity.bytes.size());
  out.tag(draw == Draw::greedy ? 'g' : 's');
  out.tag(query.raw ? 'r' : 'c');
  out.number(static_cast<std::int64_t>(query.messages.size()));
  for (const auto& message : query.messages) {
    out.text(message.role);
    pack(out, message.content);
  }
  pack(out, query.parameters, draw);
  pack(out, query.choices);
  if (!query.choices.empty()) out.tag(query.choice_norm == ChoiceNorm::none ? 'n' : 'l');
  if (draw == Draw::sampled) out.number(query.repeat);
  pack(out, query.case_fields);
  pack_given(out, query.parameters);
  if (!query.embed.empty()) {
    out.text("embed");
    pack(out, query.embed);
  }
  if (!query.line.is_null()) pack(out, query.line);
  return sys::sha256(out.bytes);
}

}  // namespace llmops::model

#include "score/xml.h"

#include <expat.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <new>

namespace llmops::score {
namespace {

constexpr std::size_t kDeepest = 1000;

/// Follows the elements. Its handlers are called from C: none throws.
class Follower {
 public:
  Follower(XML_Parser parser, const std::vector<XmlPath>& required, XmlExtent extent)
      : parser_(parser), required_(required), extent_(extent), matched_(required.size()), found_(required.size()) {
    XML_SetUserData(parser_, this);
    XML_SetElementHandler(parser_, &on_start, &on_end);
    XML_SetStartDoctypeDeclHandler(parser_, &on_doctype);
  }

  bool too_deep() const { return too_deep_; }
  bool has_declarations() const { return has_declarations_; }
  bool ended() const { return ended_; }
  std::vector<XmlPath> missing() const {
    std::vector<XmlPath> out;
    for (std::size_t i = 0; i < required_.size(); ++i) {
      if (!found_[i]) out.push_back(required_[i]);
    }
    return out;
  }

 private:
  static void XMLCALL on_start(void* self, const XML_Char* name, const XML_Char**) {
    static_cast<Follower*>(self)->start(name);
  }
  static void XMLCALL on_end(void* self, const XML_Char*) { static_cast<Follower*>(self)->end(); }
  static void XMLCALL on_doctype(void* self, const XML_Char*, const XML_Char*, const XML_Char*, int has_subset) {
    auto& follower = *static_cast<Follower*>(self);
    follower.has_declarations_ = has_subset != 0;
    if (has_subset != 0) follower.stop();
  }

  void start(std::string_view name) {
    for (std::size_t i = 0; i < required_.size(); ++i) {
      const auto& path = required_[i];
      if (found_[i] || matched_[i] != depth_ || path[depth_] != name) continue;
      found_[i] = ++matched_[i] == path.size();
    }
    if (++depth_ > kDeepest) {
      too_deep_ = true;
      stop();
    }
  }

  void end() {
    --depth_;
    for (auto& matched : matched_) {
      if (matched == depth_ + 1) matched = depth_;
    }
    if (extent_ == XmlExtent::document || (depth_ > 0 && !required_.empty())) return;
    ended_ = true;
    stop();
  }

  void stop() { XML_StopParser(parser_, XML_FALSE); }

  XML_Parser parser_;
  const std::vector<XmlPath>& required_;
  XmlExtent extent_;
  std::size_t depth_ = 0;
  std::vector<std::size_t> matched_;  ///< Of each path: how many of its names are the open elements'.
  std::vector<bool> found_;
  bool too_deep_ = false, has_declarations_ = false, ended_ = false;
};

/// Gives Expat the text in pieces, each as long as all before it: what it copies and what it reads again of a token
/// that is cut stay in proportion to the text, and a beginning that comes to nothing costs little.
struct Fed {
  XML_Status status = XML_STATUS_OK;
  std::size_t length = 0;
};
Fed feed(XML_Parser parser, std::string_view text) {
  constexpr std::size_t kFirst = 1024;
  Fed out;
  do {
    const auto piece = text.substr(out.length, std::max(kFirst, out.length));
    out.length += piece.size();
    out.status = XML_Parse(parser, piece.data(), static_cast<int>(piece.size()), out.length == text.size());
  } while (out.status == XML_STATUS_OK && out.length < text.size());
  return out;
}

}  // namespace

Result<XmlReading> read_xml(std::string_view text, const std::vector<XmlPath>& required, XmlExtent extent) {
  if (text.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
    return invalid_error("the answer is too long to be read as XML: over 2 GiB");
  }
  const std::unique_ptr<XML_ParserStruct, void (*)(XML_Parser)> parser(XML_ParserCreate("UTF-8"), &XML_ParserFree);
  if (!parser) throw std::bad_alloc();
  Follower follower(parser.get(), required, extent);
  const auto fed = feed(parser.get(), text);
  if (follower.too_deep()) {
    return invalid_error("the answer's elements are nested more than 1,000 deep: it can't be told whether it is XML");
  }
  XmlReading out;
  out.problem_at =
      std::min(text.size(), static_cast<std::size_t>(std::max<XML_Index>(0, XML_GetCurrentByteIndex(parser.get()))));
  out.length = fed.length;
  if (follower.has_declarations()) {
    out.problem = "a document type with declarations inside is not read";
  } else if (fed.status != XML_STATUS_OK && !follower.ended()) {
    out.problem = std::string(XML_ErrorString(XML_GetErrorCode(parser.get()))) + " (at byte " +
                  std::to_string(out.problem_at) + ")";
  } else {
    out.missing = follower.missing();
  }
  return out;
}

}  // namespace llmops::score

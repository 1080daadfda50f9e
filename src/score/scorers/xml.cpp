#include "score/xml.h"

#include <algorithm>

#include "base/text.h"
#include "schema/record.h"
#include "score/scorers/families.h"

namespace llmops::score {
namespace {

/// How many bytes may be read, beginnings that come to nothing included, before an answer is given up.
std::size_t allowance(std::string_view text) { return 8 * text.size() + (std::size_t{64} << 20); }
constexpr std::size_t kEachTry = 1024;  ///< What a beginning costs, in bytes.

using Paths = std::vector<XmlPath>;

Paths paths_of(const std::vector<std::string>& texts) {
  Paths out;
  for (const auto& text : texts) out.push_back(text::split(text, '.'));
  return out;
}

std::string shown(const Paths& paths) {
  std::vector<std::string> texts;
  for (const auto& path : paths) texts.push_back(text::join(path, "."));
  return quoted(texts);
}

std::string with_elements(const Paths& required) {
  return required.empty() ? std::string() : " with the elements " + shown(required);
}

Result<Finding> whole_document(std::string_view output, const Paths& required) {
  TRY(const auto read, read_xml(text::trim(output), required, XmlExtent::document));
  if (!read.problem.empty()) return Finding{0, "the answer is not XML: " + read.problem};
  if (!read.missing.empty()) return Finding{0, "the answer is XML without the elements " + shown(read.missing)};
  return Finding{1, "the answer is XML" + with_elements(required)};
}

/// Where an element or an XML declaration may begin, from `at` on.
std::size_t next_beginning(std::string_view text, std::size_t at) {
  for (at = text.find('<', at); at != std::string_view::npos; at = text.find('<', at + 1)) {
    const char next = at + 1 < text.size() ? text[at + 1] : '\0';
    const bool letter = (next >= 'a' && next <= 'z') || (next >= 'A' && next <= 'Z') || next == '_' || next == ':' ||
                        static_cast<unsigned char>(next) >= 0x80;
    if (letter) return at;
  }
  return at;
}

Result<Finding> element_inside(std::string_view output, const Paths& required) {
  std::size_t spent = 0;
  Paths missing;
  for (auto at = next_beginning(output, 0); at != std::string_view::npos;) {
    TRY(const auto read, read_xml(output.substr(at), required, XmlExtent::element));
    if (read.problem.empty() && read.missing.empty()) {
      return Finding{1, "the answer contains XML" + with_elements(required)};
    }
    if (missing.empty() || read.missing.size() < missing.size()) missing = read.missing;
    spent += read.length + kEachTry;
    if (spent > allowance(output)) {
      return invalid_error("too many places of the answer look like XML and are not: it can't be searched to its end");
    }
    // Without required paths the first end of an element would have been a find: what was read holds none.
    at = next_beginning(output, at + std::max<std::size_t>(1, required.empty() ? read.problem_at : 1));
  }
  if (!missing.empty()) return Finding{0, "the answer contains XML without the elements " + shown(missing)};
  return Finding{0, "the answer contains no XML" + with_elements(required) + ": " + quoted(output)};
}

class Xml final : public PureMeasure {
 public:
  using Look = Result<Finding> (*)(std::string_view output, const Paths& required);
  Xml(Look look, std::optional<Texts> required) : look_(look) {
    if (required) required_.emplace(*std::move(required), &paths_of);
  }

  Result<Finding> measure(std::string_view output, const Sample& sample) const override {
    if (!required_) return look_(output, {});
    return required_->with(sample, [&](const Paths& required) { return look_(output, required); });
  }

 private:
  Look look_;
  std::optional<Prepared<Paths>> required_;
};

struct Settings {
  std::vector<std::string> required;
};

Result<Made> make(const doc::Node& settings, Xml::Look look) {
  std::optional<Texts> required;
  if (const auto* written = settings.find("required")) {
    TRY(required, Texts::of(*written));
  }
  return Made{std::make_unique<Xml>(look, std::move(required)), std::nullopt};
}

}  // namespace

schema::Type xml_settings() {
  return schema::Record<Settings>("xml", "Which elements the XML must have.")
      .may_as(one_or_more_texts(), "required", &Settings::required,
              "Paths of elements from the root down, such as `order.item.price`.")
      .type();
}

Result<Made> make_is_xml(const doc::Node& settings) { return make(settings, &whole_document); }
Result<Made> make_contains_xml(const doc::Node& settings) { return make(settings, &element_inside); }

}  // namespace llmops::score

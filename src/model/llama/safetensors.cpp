#include "model/llama/safetensors.h"

#include <cstring>
#include <limits>

#include "base/text.h"
#include "doc/json.h"

namespace llmops::model::llama {
namespace {

Error broken(const std::string& why) {
  return environment_error("the file of weights is no `safetensors` file: " + why);
}

/// The number of numbers; nothing where there are too many to count.
std::optional<std::uint64_t> count_of(const std::vector<std::int64_t>& shape) {
  std::uint64_t out = 1;
  for (const auto size : shape) {
    if (size <= 0 || out > std::numeric_limits<std::uint32_t>::max()) return std::nullopt;
    out *= static_cast<std::uint64_t>(size);
  }
  return out;
}

/// The numbers from 0 on in a list; nothing where it has anything else.
std::optional<std::vector<std::int64_t>> numbers_of(const doc::Node* list) {
  if (list == nullptr || !list->is_list()) return std::nullopt;
  std::vector<std::int64_t> out;
  for (const auto& item : list->items()) {
    if (!item.is_int() || item.as_int() < 0) return std::nullopt;
    out.push_back(item.as_int());
  }
  return out;
}

Result<SafeTensor> read_tensor(const std::string& name, const doc::Node& entry, std::string_view data) {
  const auto shape = numbers_of(entry.find("shape")), offsets = numbers_of(entry.find("data_offsets"));
  const bool within = offsets && offsets->size() == 2 && (*offsets)[0] <= (*offsets)[1] &&
                      static_cast<std::uint64_t>((*offsets)[1]) <= data.size();
  if (!shape || !within) return broken("`" + text::printable(name) + "` lies outside it, or has no shape");
  SafeTensor out{
      entry.get("dtype", ""), *shape,
      data.substr(static_cast<std::size_t>((*offsets)[0]), static_cast<std::size_t>((*offsets)[1] - (*offsets)[0]))};
  const auto count = count_of(out.shape);
  if (out.type == "F32" && (!count || *count * sizeof(float) != out.bytes.size())) {
    return broken("`" + text::printable(name) + "` has " + std::to_string(out.bytes.size()) +
                  " bytes, another number than its shape wants");
  }
  return out;
}

}  // namespace

Result<std::map<std::string, SafeTensor>> read_safetensors(std::string_view file) {
  std::uint64_t size = 0;
  if (file.size() < sizeof size) return broken("it is shorter than its header");
  std::memcpy(&size, file.data(), sizeof size);
  if (size > file.size() - sizeof size) return broken("it is shorter than its header");
  const auto header = doc::parse_json_data(file.substr(sizeof size, static_cast<std::size_t>(size)));
  if (!header) return broken(header.error().message);
  if (!header->is_map()) return broken("its header is no JSON object");
  const auto data = file.substr(sizeof size + static_cast<std::size_t>(size));
  std::map<std::string, SafeTensor> out;
  for (const auto& entry : header->entries()) {
    if (entry.key == "__metadata__") continue;
    TRY(auto tensor, read_tensor(entry.key, entry.value, data));
    out.emplace(entry.key, std::move(tensor));
  }
  return out;
}

}  // namespace llmops::model::llama

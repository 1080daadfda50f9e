#pragma once
/// \file  Tensors in a file of Hugging Face's `safetensors` format, https://github.com/huggingface/safetensors: eight
/// bytes with the length of a JSON header, the header, and the numbers.
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace llmops::model::llama {

struct SafeTensor {
  std::string type;                 ///< `F32`, `I64`, …
  std::vector<std::int64_t> shape;  ///< The last one counts neighbours.
  std::string_view bytes;           ///< Within the file's.
};

/// By name. `file` must outlive them. Errors of kind `environment`: a header that can't be read; a tensor that lies
/// outside the file, or, where it is `F32`, has another number of bytes than its shape wants.
Result<std::map<std::string, SafeTensor>> read_safetensors(std::string_view file);

}  // namespace llmops::model::llama

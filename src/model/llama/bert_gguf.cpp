#include "model/llama/bert_gguf.h"

#include <ggml.h>
#include <gguf.h>
#include <llama.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <vector>

#include "base/text.h"
#include "doc/json.h"
#include "model/llama/safetensors.h"

namespace llmops::model::llama {
namespace {

// As `enum llama_token_type` of the engine's vocabulary has them.
constexpr std::int32_t kNormal = LLAMA_TOKEN_TYPE_NORMAL, kControl = LLAMA_TOKEN_TYPE_CONTROL;

using Pooling = enum llama_pooling_type;

struct FreeGguf {
  void operator()(gguf_context* context) const { gguf_free(context); }
};
struct FreeGgml {
  void operator()(ggml_context* context) const { ggml_free(context); }
};

Error unfit(const std::string& why) { return environment_error("the model can't be converted: " + why); }

Result<doc::Node> read_json(sys::FileSystem& files, const sys::Path& path) {
  TRY(const auto text, files.read(path));
  auto node = doc::parse_json_data(text);
  if (!node || !node->is_map()) return unfit("`" + path.filename().string() + "` is no JSON object");
  return *std::move(node);
}

/// What the model's configuration says.
struct Shape {
  std::int64_t layers = 0, width = 0, inner = 0, heads = 0, positions = 0, types = 0, words = 0;
  double norm_eps = 0;
};

Result<Shape> read_shape(const doc::Node& config) {
  Shape out;
  const auto kind = config.get("model_type", "");
  if (kind != "bert") return unfit("it is `" + text::printable(kind) + "`, expected `bert`");
  if (const auto act = config.get("hidden_act", ""); act != "gelu") {
    return unfit("its activation is `" + text::printable(act) + "`, expected `gelu`");
  }
  const std::array<std::pair<const char*, std::int64_t Shape::*>, 7> sizes = {
      {{"num_hidden_layers", &Shape::layers},
       {"hidden_size", &Shape::width},
       {"intermediate_size", &Shape::inner},
       {"num_attention_heads", &Shape::heads},
       {"max_position_embeddings", &Shape::positions},
       {"type_vocab_size", &Shape::types},
       {"vocab_size", &Shape::words}}};
  for (const auto& [key, member] : sizes) {
    const auto* value = config.find(key);
    if (value == nullptr || !value->is_int() || value->as_int() < 1 || value->as_int() > 10'000'000) {
      return unfit("its configuration has no `" + std::string(key) + "`");
    }
    out.*member = value->as_int();
  }
  const auto* eps = config.find("layer_norm_eps");
  if (eps == nullptr || !eps->is_number()) return unfit("its configuration has no `layer_norm_eps`");
  out.norm_eps = eps->as_double();
  return out;
}

Result<Pooling> read_pooling(const doc::Node& config) {
  if (config.get("pooling_mode_mean_tokens", false)) return LLAMA_POOLING_TYPE_MEAN;
  if (config.get("pooling_mode_cls_token", false)) return LLAMA_POOLING_TYPE_CLS;
  return unfit("its pooling is neither that of the mean nor of the first token");
}

/// The vocabulary as the engine's WordPiece wants it: a blank in front of what begins a word.
struct Words {
  std::vector<std::string> texts;
  std::vector<std::int32_t> kinds;
  std::map<std::string, std::uint32_t> control;  ///< Numbers of the control tokens.
};

Result<Words> read_words(sys::FileSystem& files, const sys::Path& path, std::int64_t wanted) {
  constexpr std::array<std::string_view, 5> control = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"};
  TRY(const auto text, files.read(path));
  Words out;
  std::string_view rest = text;
  while (!rest.empty()) {
    const auto end = rest.find('\n');
    const auto line = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    if (std::find(control.begin(), control.end(), line) != control.end()) {
      out.control.emplace(line, static_cast<std::uint32_t>(out.texts.size()));
      out.texts.emplace_back(line);
      out.kinds.push_back(kControl);
      continue;
    }
    out.texts.push_back(line.starts_with("##") ? std::string(line.substr(2)) : "\u2581" + std::string(line));
    out.kinds.push_back(kNormal);
  }
  if (out.texts.size() != static_cast<std::size_t>(wanted) || out.control.size() != control.size()) {
    return unfit("its vocabulary has " + std::to_string(out.texts.size()) + " tokens and " +
                 std::to_string(out.control.size()) + " of the 5 control tokens, expected " + std::to_string(wanted) +
                 " and 5");
  }
  return out;
}

/// A tensor's name there and here, and the shape that it must have.
struct Renamed {
  std::string from, to;
  std::vector<std::int64_t> shape;
  bool exact = false;  ///< Stays as it is; else a matrix becomes 16-bit floats.
};

std::vector<Renamed> tensors_of(const Shape& shape) {
  const auto width = shape.width, inner = shape.inner;
  std::vector<Renamed> out = {
      {"embeddings.word_embeddings.weight", "token_embd.weight", {shape.words, width}},
      {"embeddings.position_embeddings.weight", "position_embd.weight", {shape.positions, width}, true},
      {"embeddings.token_type_embeddings.weight", "token_types.weight", {shape.types, width}, true}};
  const auto add = [&](const std::string& from, const std::string& to, std::int64_t rows, std::int64_t columns) {
    if (columns > 0) {
      out.push_back({from + ".weight", to + ".weight", {rows, columns}});
    } else {
      out.push_back({from + ".weight", to + ".weight", {rows}});
    }
    out.push_back({from + ".bias", to + ".bias", {rows}});
  };
  add("embeddings.LayerNorm", "token_embd_norm", width, 0);
  for (std::int64_t layer = 0; layer < shape.layers; ++layer) {
    const auto from = "encoder.layer." + std::to_string(layer) + ".", to = "blk." + std::to_string(layer) + ".";
    add(from + "attention.self.query", to + "attn_q", width, width);
    add(from + "attention.self.key", to + "attn_k", width, width);
    add(from + "attention.self.value", to + "attn_v", width, width);
    add(from + "attention.output.dense", to + "attn_output", width, width);
    add(from + "attention.output.LayerNorm", to + "attn_output_norm", width, 0);
    add(from + "intermediate.dense", to + "ffn_up", inner, width);
    add(from + "output.dense", to + "ffn_down", width, inner);
    add(from + "output.LayerNorm", to + "layer_output_norm", width, 0);
  }
  return out;
}

void describe_model(gguf_context* out, const Shape& shape, Pooling pooling, const GgufLabels& labels) {
  const auto number = [&](const std::string& key, std::int64_t value) {
    gguf_set_val_u32(out, ("bert." + key).c_str(), static_cast<std::uint32_t>(value));
  };
  gguf_set_val_str(out, "general.architecture", "bert");
  gguf_set_val_str(out, "general.type", "model");
  gguf_set_val_str(out, "general.name", labels.name.c_str());
  gguf_set_val_str(out, "general.license", text::lower(labels.licence).c_str());
  gguf_set_val_u32(out, "general.file_type", LLAMA_FTYPE_MOSTLY_F16);
  gguf_set_val_u32(out, "general.quantization_version", GGML_QNT_VERSION);
  number("block_count", shape.layers);
  number("context_length", shape.positions);
  number("embedding_length", shape.width);
  number("feed_forward_length", shape.inner);
  number("attention.head_count", shape.heads);
  number("pooling_type", pooling);
  gguf_set_val_f32(out, "bert.attention.layer_norm_epsilon", static_cast<float>(shape.norm_eps));
  gguf_set_val_bool(out, "bert.attention.causal", false);
}

void describe_words(gguf_context* out, const Words& words, const Shape& shape) {
  std::vector<const char*> texts;
  for (const auto& text : words.texts) texts.push_back(text.c_str());
  gguf_set_val_str(out, "tokenizer.ggml.model", "bert");
  gguf_set_val_u32(out, "tokenizer.ggml.token_type_count", static_cast<std::uint32_t>(shape.types));
  gguf_set_arr_str(out, "tokenizer.ggml.tokens", texts.data(), texts.size());
  gguf_set_arr_data(out, "tokenizer.ggml.token_type", GGUF_TYPE_INT32, words.kinds.data(), words.kinds.size());
  const std::array<std::pair<const char*, const char*>, 6> ids = {{{"bos_token_id", "[CLS]"},
                                                                   {"unknown_token_id", "[UNK]"},
                                                                   {"seperator_token_id", "[SEP]"},  // as GGUF has it
                                                                   {"padding_token_id", "[PAD]"},
                                                                   {"cls_token_id", "[CLS]"},
                                                                   {"mask_token_id", "[MASK]"}}};
  for (const auto& [key, token] : ids) {
    gguf_set_val_u32(out, ("tokenizer.ggml." + std::string(key)).c_str(), words.control.at(token));
  }
}

/// The tensors that a GGUF file is made of, and their bytes.
class Tensors {
 public:
  explicit Tensors(std::size_t count)
      : context_(ggml_init({(count + 1) * ggml_tensor_overhead(), nullptr, /*no_alloc=*/true})) {}

  Result<void> add(gguf_context* to, const Renamed& wanted, const std::map<std::string, SafeTensor>& from) {
    const auto found = from.find(wanted.from);
    if (found == from.end()) return unfit("it has no tensor `" + wanted.from + "`");
    const auto& [type, shape, bytes] = found->second;
    if (type != "F32" || shape != wanted.shape) return unfit("`" + wanted.from + "` has another type or shape");
    const bool half = !wanted.exact && shape.size() > 1;
    auto& kept = bytes_.emplace_back(std::make_unique<std::string>(bytes));
    if (half) *kept = halved(*kept);
    std::array<std::int64_t, 2> sizes{};  // GGML counts neighbours first.
    std::copy(shape.rbegin(), shape.rend(), sizes.begin());
    auto* tensor = ggml_new_tensor(context_.get(), half ? GGML_TYPE_F16 : GGML_TYPE_F32, static_cast<int>(shape.size()),
                                   sizes.data());
    ggml_set_name(tensor, wanted.to.c_str());
    tensor->data = kept->data();
    gguf_add_tensor(to, tensor);
    return {};
  }

 private:
  /// 32-bit floats as 16-bit ones, rounded to the nearest, ties to even.
  static std::string halved(const std::string& floats) {
    const auto count = floats.size() / sizeof(float);
    std::vector<float> from(count);
    std::copy(floats.begin(), floats.end(), reinterpret_cast<char*>(from.data()));
    std::vector<ggml_fp16_t> to(count);
    ggml_fp32_to_fp16_row(from.data(), to.data(), static_cast<std::int64_t>(count));
    return {reinterpret_cast<const char*>(to.data()), count * sizeof(ggml_fp16_t)};
  }

  std::unique_ptr<ggml_context, FreeGgml> context_;
  std::vector<std::unique_ptr<std::string>> bytes_;
};

}  // namespace

Result<void> write_bert_gguf(sys::FileSystem& files, const sys::Path& folder, const GgufLabels& labels,
                             const sys::Path& to) {
  TRY(const auto config, read_json(files, folder / "config.json"));
  TRY(const auto shape, read_shape(config));
  TRY(const auto pooling_config, read_json(files, folder / "1_Pooling" / "config.json"));
  TRY(const auto pooling, read_pooling(pooling_config));
  TRY(const auto words, read_words(files, folder / "vocab.txt", shape.words));
  TRY(const auto weights, files.read(folder / "model.safetensors"));
  TRY(const auto given, read_safetensors(weights));

  const std::unique_ptr<gguf_context, FreeGguf> out(gguf_init_empty());
  describe_model(out.get(), shape, pooling, labels);
  describe_words(out.get(), words, shape);
  const auto wanted = tensors_of(shape);
  Tensors tensors(wanted.size());
  for (const auto& one : wanted) {
    TRY_VOID(tensors.add(out.get(), one, given));
  }
  if (!gguf_write_to_file(out.get(), to.c_str(), /*only_meta=*/false)) {
    return environment_error("can't write `" + to.string() + "`", "is there space left on that disk?");
  }
  return {};
}

}  // namespace llmops::model::llama

#include <doctest/doctest.h>
#include <ggml.h>
#include <gguf.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>

#include "doc/json.h"
#include "model/llama/bert_gguf.h"
#include "sys/real/real_file_system.h"

namespace llmops::model::llama {
namespace {

/// A BERT model of one layer, 4 numbers wide, with 8 words, in a folder of its own. Each tensor counts from 0 in
/// eighths.
class TinyBert {
 public:
  TinyBert() {
    std::filesystem::remove_all(folder());
    std::filesystem::create_directories(folder() / "1_Pooling");
    config = doc::Node::map({{"model_type", "bert"},
                             {"hidden_act", "gelu"},
                             {"num_hidden_layers", 1},
                             {"hidden_size", 4},
                             {"intermediate_size", 6},
                             {"num_attention_heads", 2},
                             {"max_position_embeddings", 5},
                             {"type_vocab_size", 2},
                             {"vocab_size", 8},
                             {"layer_norm_eps", 1e-12}});
    shapes = {{"embeddings.word_embeddings.weight", {8, 4}},
              {"embeddings.position_embeddings.weight", {5, 4}},
              {"embeddings.token_type_embeddings.weight", {2, 4}},
              {"pooler.dense.weight", {4, 4}}};
    add("embeddings.LayerNorm", {4});
    const std::string layer = "encoder.layer.0.";
    for (const auto* part :
         {"attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense"}) {
      add(layer + part, {4, 4});
    }
    add(layer + "attention.output.LayerNorm", {4});
    add(layer + "intermediate.dense", {6, 4});
    add(layer + "output.dense", {4, 6});
    add(layer + "output.LayerNorm", {4});
  }
  ~TinyBert() { std::filesystem::remove_all(folder()); }

  static std::filesystem::path folder() {
    return std::filesystem::temp_directory_path() / ("llmops-tiny-bert-" + std::to_string(getpid()));
  }
  Result<void> convert(const std::string& name = "out.gguf") {
    write("config.json", doc::to_json(config));
    write("1_Pooling/config.json", doc::to_json(pooling));
    write("vocab.txt", vocabulary);
    write("model.safetensors", weights());
    sys::RealFileSystem files;
    return write_bert_gguf(files, folder(), {"tiny", "Apache-2.0"}, folder() / name);
  }
  std::string failure() {
    const auto done = convert();
    REQUIRE_FALSE(done);
    CHECK(done.error().kind == ErrorKind::environment);
    return done.error().message;
  }

  doc::Node config, pooling = doc::Node::map({{"pooling_mode_mean_tokens", true}, {"pooling_mode_cls_token", false}});
  std::string vocabulary = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nsun\n##ny\n!\n";
  std::map<std::string, std::vector<std::int64_t>> shapes;

 private:
  void add(const std::string& name, std::vector<std::int64_t> shape) {
    shapes[name + ".bias"] = {shape.front()};
    shapes[name + ".weight"] = std::move(shape);
  }
  std::string weights() const {
    auto header = doc::Node::map();
    std::string data;
    for (const auto& [name, shape] : shapes) {
      std::int64_t count = 1;
      auto sizes = doc::Node::list();
      for (const auto size : shape) {
        count *= size;
        sizes.push_back(size);
      }
      const auto begin = static_cast<std::int64_t>(data.size());
      for (std::int64_t i = 0; i < count; ++i) {
        const auto number = static_cast<float>(i) / 8;
        data.append(reinterpret_cast<const char*>(&number), sizeof number);
      }
      auto offsets = doc::Node::list();
      offsets.push_back(begin);
      offsets.push_back(static_cast<std::int64_t>(data.size()));
      header[name] = doc::Node::map({{"dtype", "F32"}, {"shape", sizes}, {"data_offsets", offsets}});
    }
    const auto text = doc::to_json(header);
    const std::uint64_t size = text.size();
    return std::string(reinterpret_cast<const char*>(&size), sizeof size) + text + data;
  }
  static void write(const std::string& name, const std::string& bytes) {
    std::ofstream(folder() / name, std::ios::binary) << bytes;
  }
};

std::string bytes_of(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

TEST_SUITE("real/llama conversion") {
  TEST_CASE("a BERT model becomes a GGUF file with its names, its vocabulary and its numbers") {
    TinyBert bert;
    REQUIRE(bert.convert());

    ggml_context* data = nullptr;
    const std::unique_ptr<gguf_context, void (*)(gguf_context*)> file(
        gguf_init_from_file((TinyBert::folder() / "out.gguf").c_str(), {false, &data}), &gguf_free);
    const std::unique_ptr<ggml_context, void (*)(ggml_context*)> tensors(data, &ggml_free);
    REQUIRE(file);
    const auto key = [&](const char* name) {
      const auto found = gguf_find_key(file.get(), name);
      REQUIRE_MESSAGE(found >= 0, name);
      return found;
    };
    CHECK(std::string(gguf_get_val_str(file.get(), key("general.architecture"))) == "bert");
    CHECK(std::string(gguf_get_val_str(file.get(), key("general.license"))) == "apache-2.0");
    CHECK(gguf_get_val_u32(file.get(), key("bert.context_length")) == 5);
    CHECK(gguf_get_val_u32(file.get(), key("bert.pooling_type")) == 1);
    CHECK(gguf_get_val_f32(file.get(), key("bert.attention.layer_norm_epsilon")) == 1e-12F);
    CHECK_FALSE(gguf_get_val_bool(file.get(), key("bert.attention.causal")));
    CHECK(gguf_get_val_u32(file.get(), key("tokenizer.ggml.seperator_token_id")) == 3);
    std::vector<std::string> words;
    for (std::size_t i = 0; i < 8; ++i) {
      words.emplace_back(gguf_get_arr_str(file.get(), key("tokenizer.ggml.tokens"), i));
    }
    CHECK(words ==
          std::vector<std::string>{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "\u2581sun", "ny", "\u2581!"});
    CHECK(gguf_get_n_tensors(file.get()) == 3 + 2 * 9);
    CHECK(gguf_find_tensor(file.get(), "pooler.dense.weight") < 0);
    const auto* up = ggml_get_tensor(data, "blk.0.ffn_up.weight");
    REQUIRE(up != nullptr);
    CHECK(up->type == GGML_TYPE_F16);
    CHECK(up->ne[0] == 4);
    CHECK(up->ne[1] == 6);
    CHECK(ggml_fp16_to_fp32(static_cast<const ggml_fp16_t*>(up->data)[23]) == 23.0F / 8);
    const auto* positions = ggml_get_tensor(data, "position_embd.weight");
    REQUIRE(positions != nullptr);
    CHECK(positions->type == GGML_TYPE_F32);
    CHECK(static_cast<const float*>(positions->data)[19] == 19.0F / 8);
  }

  TEST_CASE("the same files give the same bytes") {
    TinyBert bert;
    REQUIRE(bert.convert("one.gguf"));
    REQUIRE(bert.convert("two.gguf"));
    CHECK(bytes_of(TinyBert::folder() / "one.gguf") == bytes_of(TinyBert::folder() / "two.gguf"));
  }

  TEST_CASE("what is no BERT model, or not all of one, is refused for what it lacks") {
    const auto says = [](const std::function<void(TinyBert&)>& spoil, const std::string& words) {
      TinyBert bert;
      spoil(bert);
      const auto message = bert.failure();
      CAPTURE(message);
      CHECK(message.find(words) != std::string::npos);
    };
    says([](TinyBert& bert) { bert.config["model_type"] = "roberta"; }, "it is `roberta`, expected `bert`");
    says([](TinyBert& bert) { bert.config["hidden_act"] = "relu"; }, "its activation is `relu`, expected `gelu`");
    says([](TinyBert& bert) { bert.config["hidden_size"] = 0; }, "its configuration has no `hidden_size`");
    says([](TinyBert& bert) { bert.pooling["pooling_mode_mean_tokens"] = false; }, "its pooling is neither");
    says([](TinyBert& bert) { bert.vocabulary += "more\n"; }, "its vocabulary has 9 tokens");
    says([](TinyBert& bert) { bert.vocabulary = "[PAD]\na\nb\nc\nd\ne\nf\ng\n"; }, "1 of the 5 control tokens");
    says([](TinyBert& bert) { bert.shapes.erase("encoder.layer.0.output.dense.bias"); },
         "it has no tensor `encoder.layer.0.output.dense.bias`");
    says(
        [](TinyBert& bert) {
          bert.shapes["encoder.layer.0.output.dense.weight"] = {6, 4};
        },
        "`encoder.layer.0.output.dense.weight` has another type or shape");
  }
}

}  // namespace llmops::model::llama

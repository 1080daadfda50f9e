#include "model/llama/weights.h"

#include <llama.h>

#include <array>
#include <mutex>

#include "base/text.h"
#include "model/cpu.h"

namespace llmops::model::llama {
namespace {

/// Takes what the engine logs while it lives. The engine has one log for the whole process, so one at a time.
class LogCapture {
 public:
  LogCapture() : alone_(turn()) { llama_log_set(&LogCapture::write, this); }
  ~LogCapture() { llama_log_set(&LogCapture::drop, nullptr); }
  LogCapture(const LogCapture&) = delete;
  LogCapture& operator=(const LogCapture&) = delete;

  /// The first error line, which names the cause; those behind it say only that loading failed.
  const std::string& cause() const { return cause_; }

 private:
  static std::mutex& turn() {
    static std::mutex mutex;
    return mutex;
  }
  static void drop(ggml_log_level, const char*, void*) {}
  static void write(ggml_log_level level, const char* line, void* self) {
    auto& cause = static_cast<LogCapture*>(self)->cause_;
    if (level == GGML_LOG_LEVEL_ERROR && cause.empty()) cause = text::printable(text::trim(line));
  }

  std::lock_guard<std::mutex> alone_;
  std::string cause_;
};

Result<void> check_cpu() {
  const auto missing = missing_instructions();
  if (missing.empty()) return {};
  return environment_error("this CPU lacks" + missing + ", which the embedded engine is built for",
                           "use a model with `provider: openai` or `provider: exec`");
}

Result<void> check_file(sys::FileSystem& files, const sys::Path& path, const std::string& what) {
  TRY(const auto stat, files.stat(path));
  if (stat.kind == sys::FileKind::none) {
    return environment_error(what + " `" + path.string() + "` is not there",
                             "bring it with `llmops models pull`, or name another file");
  }
  if (stat.kind == sys::FileKind::folder) {
    return environment_error(what + " `" + path.string() + "` is a folder, expected a GGUF file");
  }
  return {};
}

Error unusable(const std::string& what, const sys::Path& path, const std::string& cause) {
  auto message = what + " `" + path.string() + "` can't be loaded";
  if (!cause.empty()) message += ": " + cause;
  return environment_error(std::move(message), "it may be cut short or of another kind: remove it and fetch it again");
}

std::string metadata(const llama_model* model, const std::string& key) {
  std::array<char, 64> text{};
  const auto size = llama_model_meta_val_str(model, key.c_str(), text.data(), text.size());
  return size < 0 ? std::string() : std::string(text.data());
}

bool says_how_to_pool(const llama_model* model) {
  const auto pooling = metadata(model, metadata(model, "general.architecture") + ".pooling_type");
  return !pooling.empty() && pooling != std::to_string(LLAMA_POOLING_TYPE_NONE);
}

bool can_share_prefixes(const llama_model* model) {
  return !llama_model_is_recurrent(model) && !llama_model_is_hybrid(model) && llama_model_n_swa(model) == 0;
}

}  // namespace

Result<Weights> load_weights(sys::FileSystem& files, const sys::Path& model, const std::optional<sys::Path>& adapter) {
  TRY_VOID(check_cpu());
  TRY_VOID(check_file(files, model, "the model file"));
  if (adapter) {
    TRY_VOID(check_file(files, *adapter, "the adapter file"));
  }

  const LogCapture log;
  llama_backend_init();
  auto params = llama_model_default_params();
  params.n_gpu_layers = 0;
  params.use_extra_bufts = false;
  ModelHandle handle(llama_model_load_from_file(model.c_str(), params));
  if (!handle) return unusable("the model file", model, log.cause());
  if (!llama_model_has_decoder(handle.get()) || llama_model_has_encoder(handle.get())) {
    return environment_error("the model file `" + model.string() +
                             "` is no text generator, expected a decoder-only model");
  }
  llama_adapter_lora* lora = nullptr;
  if (adapter) {
    lora = llama_adapter_lora_init(handle.get(), adapter->c_str());
    if (lora == nullptr) return unusable("the adapter file", *adapter, log.cause());
  }
  const auto* raw = handle.get();
  const auto* chat = llama_model_chat_template(raw, nullptr);
  return Weights{std::move(handle),
                 lora,
                 Vocabulary(llama_model_get_vocab(raw)),
                 chat == nullptr ? "" : chat,
                 static_cast<std::uint32_t>(llama_model_n_ctx_train(raw)),
                 can_share_prefixes(raw),
                 says_how_to_pool(raw)};
}

}  // namespace llmops::model::llama

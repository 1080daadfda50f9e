/// \file  What asking costs.
#include <array>
#include <string_view>

#include "model/base_url.h"
#include "model/config.h"

namespace llmops::model {
namespace {

struct Listed {
  std::string_view name;
  double input, output;
};

/// OpenAI's list prices, USD per million tokens, of models whose price has been stable. A dated name has the price of the
/// name without its date.
constexpr std::array<Listed, 13> kListed = {{{"gpt-5", 1.25, 10.00},
                                             {"gpt-5-mini", 0.25, 2.00},
                                             {"gpt-5-nano", 0.05, 0.40},
                                             {"gpt-4.1", 2.00, 8.00},
                                             {"gpt-4.1-mini", 0.40, 1.60},
                                             {"gpt-4.1-nano", 0.10, 0.40},
                                             {"gpt-4o-2024-05-13", 5.00, 15.00},
                                             {"gpt-4o", 2.50, 10.00},
                                             {"gpt-4o-mini", 0.15, 0.60},
                                             {"gpt-3.5-turbo", 0.50, 1.50},
                                             {"o3", 2.00, 8.00},
                                             {"o3-mini", 1.10, 4.40},
                                             {"o4-mini", 1.10, 4.40}}};

/// `-2025-04-14`
bool is_date(std::string_view text) {
  constexpr std::string_view shape = "-dddd-dd-dd";
  if (text.size() != shape.size()) return false;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (shape[i] == 'd' ? !digit : text[i] != '-') return false;
  }
  return true;
}

}  // namespace

Price price_of(const ModelConfig& config) {
  if (config.price != Price{} || config.provider != "openai") return config.price;
  if (normalised(config.base_url) != "https://api.openai.com/v1") return {};
  for (const auto& listed : kListed) {
    if (!config.model.starts_with(listed.name)) continue;
    const auto rest = std::string_view(config.model).substr(listed.name.size());
    if (rest.empty() || is_date(rest)) return {listed.input, listed.output, std::nullopt};
  }
  return {};
}

std::optional<Usd> cost_of(const Price& price, const Usage& usage, Duration busy) {
  if (price.input && price.output) {
    if (!usage.input_tokens || !usage.output_tokens) return std::nullopt;
    return Usd{(*price.input * static_cast<double>(*usage.input_tokens) +
                *price.output * static_cast<double>(*usage.output_tokens)) /
               1e6};
  }
  if (price.usd_per_hour) return Usd{*price.usd_per_hour * std::chrono::duration<double, std::ratio<3600>>(busy).count()};
  return std::nullopt;
}

}  // namespace llmops::model

#include "model/price.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/text.h"
#include "model/base_url.h"
#include "model/provider.h"

namespace llmops::model {
namespace {

constexpr std::string_view kDateMark = "# date ";

/// Vendors of the table, by the hosts of their own APIs.
constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kHosts = {{
    {"api.openai.com", "openai"},
    {"api.anthropic.com", "anthropic"},
    {"api.mistral.ai", "mistral"},
    {"generativelanguage.googleapis.com", "gemini"},
    {"api.groq.com", "groq"},
    {"api.deepseek.com", "deepseek"},
    {"api.together.xyz", "together"},
    {"api.together.ai", "together"},
}};

std::vector<std::string_view> cut(std::string_view text, char at) {
  std::vector<std::string_view> out;
  for (;;) {
    const auto end = text.find(at);
    out.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return out;
    text.remove_prefix(end + 1);
  }
}

/// Four columns: input, output, cache read, cache write. Those that are missing or empty are not known.
Price price_in(const std::vector<std::string_view>& cells, std::size_t from) {
  const auto cell = [&](std::size_t i) -> std::optional<double> {
    return from + i < cells.size() ? text::to_double(cells[from + i]) : std::nullopt;
  };
  return {.input = cell(0), .output = cell(1), .usd_per_hour = {}, .cache_read = cell(2), .cache_write = cell(3)};
}

std::optional<Pricing> listed_price(std::string_view vendor, std::string_view model) {
  if (model.find_first_of("\t\n") != std::string_view::npos) return std::nullopt;
  const auto start = std::string(vendor) + "\t" + std::string(model) + "\t";
  const auto table = price_table_text();
  const auto found = table.find("\n" + start);
  if (found == std::string_view::npos) return std::nullopt;
  const auto line = table.substr(found + 1);
  const auto cells = cut(line.substr(0, line.find('\n')), '\t');
  constexpr std::size_t prices = 2, tier = 6;
  Pricing out{Pricing::Source::table, price_in(cells, prices), std::nullopt, {}};
  if (cells.size() > tier) {
    out.long_prompt = text::to_int(cells[tier]);
    out.beyond = price_in(cells, tier + 1);
  }
  return out;
}

/// Whether queries are asked as the table's prices mean it.
bool standard_tier(const Parameters& parameters) {
  const auto tier = parameters.extra.is_map() ? parameters.extra.get("service_tier", "") : std::string();
  return tier.empty() || tier == "default" || tier == "auto" || tier == "standard" || tier == "standard_only";
}

double of_tokens(const Price& price, const Usage& usage) {
  const auto times = [](double usd, std::int64_t tokens) { return usd * static_cast<double>(tokens); };
  const auto input = *usage.input_tokens;
  const auto read = std::clamp<std::int64_t>(usage.cache_read_tokens.value_or(0), 0, input);
  const auto written = std::clamp<std::int64_t>(usage.cache_write_tokens.value_or(0), 0, input - read);
  return (times(*price.input, input - read - written) + times(price.cache_read.value_or(*price.input), read) +
          times(price.cache_write.value_or(*price.input), written) +
          times(price.output.value_or(0), *usage.output_tokens)) /
         1e6;
}

}  // namespace

Pricing pricing_of(const ModelConfig& config) {
  if (config.price != Price{}) return {Pricing::Source::recipe, config.price, std::nullopt, {}};
  const auto* provider = find_provider(config.provider);
  if (provider == nullptr || !provider->is_api || !standard_tier(config.parameters)) return {};
  const auto host = host_of(base_url_of(config));
  const auto vendor =
      std::find_if(kHosts.begin(), kHosts.end(), [&](const auto& known) { return known.first == host; });
  if (vendor == kHosts.end()) return {};
  return listed_price(vendor->second, config.model).value_or(Pricing{});
}

std::string to_string(const Pricing& pricing) {
  if (pricing.source == Pricing::Source::unknown) return "unknown";
  const auto& price = pricing.price;
  const auto usd = [](std::optional<double> amount) {
    return amount ? units::to_string(Usd{*amount}) : std::string("unknown");
  };
  auto out = price.usd_per_hour && !price.input
                 ? usd(price.usd_per_hour) + " an hour"
                 : usd(price.input) + " in and " + usd(price.output) + " out per million tokens";
  return out + (pricing.source == Pricing::Source::recipe ? std::string(" (recipe)")
                                                          : " (table of " + std::string(price_table_date()) + ")");
}

std::optional<Usd> cost_of(const Pricing& pricing, const Usage& usage, std::chrono::nanoseconds busy) {
  const bool is_long = pricing.long_prompt && usage.input_tokens.value_or(0) > *pricing.long_prompt;
  const auto& price = is_long ? pricing.beyond : pricing.price;
  const bool answers_nothing = usage.output_tokens == 0;
  if (price.input && (price.output || answers_nothing)) {
    if (!usage.input_tokens || !usage.output_tokens) return std::nullopt;
    return Usd{of_tokens(price, usage)};
  }
  if (price.usd_per_hour)
    return Usd{*price.usd_per_hour * std::chrono::duration<double, std::ratio<3600>>(busy).count()};
  return std::nullopt;
}

void put_cost(const Pricing& pricing, Answer& answer) {
  if (!answer.cost_told) answer.cost = cost_of(pricing, answer.usage, answer.busy);
}

std::string_view price_table_date() {
  const auto table = price_table_text();
  const auto line = table.substr(table.find(kDateMark) + kDateMark.size());
  return line.substr(0, line.find('\n'));
}

}  // namespace llmops::model

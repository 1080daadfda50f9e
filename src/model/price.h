#pragma once
/// \file  What asking costs, and where its price is from.
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "model/config.h"

namespace llmops::model {

/// The price by which a model's answers cost.
struct Pricing {
  enum class Source {
    unknown,
    recipe,  ///< The model's own `price`.
    table,   ///< The built-in table.
  };
  Source source = Source::unknown;
  Price price;
  /// Where a prompt has more tokens than this, the whole query costs `beyond`.
  std::optional<std::int64_t> long_prompt;
  Price beyond;
  friend bool operator==(const Pricing&, const Pricing&) = default;
};

/// The recipe's price, whole; else what the table has for exactly this model at exactly this host: a server elsewhere
/// that names a model alike has no known price. Nor has a query of another service tier than the standard one.
Pricing pricing_of(const ModelConfig& config);

/// `$0.4 in and $1.6 out per million tokens (table of 2026-11-27)`, `$2 an hour (recipe)`, `unknown`.
std::string to_string(const Pricing& pricing);

/// What these tokens cost, or, at a price by the hour, this much of the machine's time. Tokens that were read from the
/// server's cache, or written to it, have their own price where it is known, else the prompt's. Nothing where a needed
/// number is not known.
std::optional<Usd> cost_of(const Pricing& pricing, const Usage& usage, std::chrono::nanoseconds busy);

/// Puts the cost into an answer whose provider told none.
void put_cost(const Pricing& pricing, Answer& answer);

/// The built-in prices, as `prices.tsv` has them: standard prices of vendors' own APIs.
std::string_view price_table_text();
/// The day on which they were taken, `2026-11-27`.
std::string_view price_table_date();

}  // namespace llmops::model

import type { HttpEndpoint, ParamDeclaration, ProxyClass } from "../proxies/mod.ts";
import { builtinProxy, type BuiltinProxyOptions } from "./_builtin_proxy.ts";

const SYMBOL = { "symbol*": ["string", "AAPL"] } as const;
const PERIOD = {
  from: ["string", "2024-01-01", "The first date"],
  to: ["string", "2024-01-31", "The last date"],
} as const;
const BETWEEN = { from: {}, to: { fill: true } } as const;
const BAR = { open: 187.15, high: 188.44, low: 183.88, close: 185.64, volume: 82488700 };

/** A statement of a company, which is known from the day of its filing. */
function statement(description: string, route: string, example: Record<string, unknown>): HttpEndpoint {
  return {
    category: "statements",
    description: `${description}, by fiscal period, latest first`,
    route,
    params: {
      ...SYMBOL,
      period: ["string", "annual", "annual or quarter"],
      limit: ["integer", 5, "Most periods"],
    },
    response: [{ date: "2023-09-30", symbol: "AAPL", filingDate: "2023-11-03", period: "FY", ...example }],
    dtCutoff: ["filingDate"],
    cacheMs: 3_600_000,
  };
}

function rows(
  category: string,
  description: string,
  route: string,
  params: Record<string, ParamDeclaration>,
  example: Record<string, unknown>,
  more: Partial<HttpEndpoint> = {},
): HttpEndpoint {
  return { category, description, route, params, response: [example], dtCutoff: ["date"], ...more };
}

const ENDPOINTS: Record<string, HttpEndpoint> = {
  search_symbol: {
    category: "search",
    description: "Finds symbols of stocks, funds, currencies and indexes by a symbol or a part of it",
    route: "/search-symbol",
    params: { "query*": ["string", "AAPL"], limit: ["integer", 10], exchange: ["string", "NASDAQ"] },
    response: [{ symbol: "AAPL", name: "Apple Inc.", currency: "USD", exchange: "NASDAQ" }],
  },
  search_name: {
    category: "search",
    description: "Finds symbols by the name of a company or asset",
    route: "/search-name",
    params: { "query*": ["string", "Apple"], limit: ["integer", 10], exchange: ["string", "NASDAQ"] },
    response: [{ symbol: "AAPL", name: "Apple Inc.", currency: "USD", exchange: "NASDAQ" }],
  },
  profile: {
    category: "companies",
    description: "Describes a company: industry, sector, employees, present price and market value",
    route: "/profile",
    params: SYMBOL,
    response: [{
      symbol: "AAPL",
      companyName: "Apple Inc.",
      industry: "Consumer Electronics",
      sector: "Technology",
    }],
  },
  quote: {
    category: "prices",
    description: "The present price of a symbol",
    route: "/quote",
    params: SYMBOL,
    response: [{ symbol: "AAPL", price: 185.64, changePercentage: -3.58, timestamp: 1704229201 }],
  },
  historical_prices: rows(
    "prices",
    "Daily prices and volumes, latest first",
    "/historical-price-eod/full",
    { ...SYMBOL, ...PERIOD },
    { symbol: "AAPL", date: "2024-01-02", ...BAR, change: -1.51, changePercent: -0.81, vwap: 186.28 },
    { dateParams: BETWEEN, cacheMs: 3_600_000 },
  ),
  historical_prices_light: rows(
    "prices",
    "Daily closing prices and volumes alone, latest first",
    "/historical-price-eod/light",
    { ...SYMBOL, ...PERIOD },
    { symbol: "AAPL", date: "2024-01-02", price: 185.64, volume: 82488700 },
    { dateParams: BETWEEN, cacheMs: 3_600_000 },
  ),
  intraday_prices: rows(
    "prices",
    "Prices within days, latest first; dates are in New York's time",
    "/historical-chart/{interval}",
    { "interval*": ["string", "1hour", "1min, 5min, 15min, 30min, 1hour or 4hour"], ...SYMBOL, ...PERIOD },
    { date: "2024-01-02 15:30:00", ...BAR },
    { dateParams: BETWEEN },
  ),
  income_statement: statement("Income statements", "/income-statement", {
    revenue: 383285000000,
    netIncome: 96995000000,
    eps: 6.16,
  }),
  balance_sheet: statement("Balance sheets", "/balance-sheet-statement", {
    totalAssets: 352583000000,
    totalDebt: 111088000000,
  }),
  cash_flow: statement("Cash flow statements", "/cash-flow-statement", {
    operatingCashFlow: 110543000000,
    freeCashFlow: 99584000000,
  }),
  dividends: rows(
    "companies",
    "Dividends, latest first",
    "/dividends",
    { ...SYMBOL, limit: ["integer", 20] },
    { symbol: "AAPL", date: "2023-11-10", recordDate: "2023-11-13", dividend: 0.24 },
  ),
  earnings: rows(
    "companies",
    "Earnings reports: what was earned, and what was estimated, latest first",
    "/earnings",
    { ...SYMBOL, limit: ["integer", 20] },
    { symbol: "AAPL", date: "2023-11-02", epsActual: 1.46, epsEstimated: 1.39 },
  ),
  stock_news: {
    category: "news",
    description: "News about companies, latest first",
    route: "/news/stock",
    params: {
      "symbols*": ["string", "AAPL", "One symbol, or several separated by commas"],
      ...PERIOD,
      page: ["integer", 0],
      limit: ["integer", 20],
    },
    response: [{
      symbol: "AAPL",
      publishedDate: "2024-01-02 16:00:00",
      title: "…",
      site: "…",
      text: "…",
      url: "https://…",
    }],
    dateParams: BETWEEN,
    dtCutoff: ["publishedDate"],
  },
  economic_indicator: rows(
    "economy",
    "An indicator of the US economy by date",
    "/economic-indicators",
    {
      "name*": ["string", "GDP", "GDP, realGDP, CPI, inflationRate, unemploymentRate, federalFunds, …"],
      ...PERIOD,
    },
    { name: "GDP", date: "2023-10-01", value: 27956.998 },
    { dateParams: BETWEEN },
  ),
  treasury_rates: rows(
    "economy",
    "Rates of US treasury bills and bonds by date and maturity",
    "/treasury-rates",
    { ...PERIOD },
    { date: "2024-01-02", month1: 5.55, year2: 4.33, year10: 3.95, year30: 4.08 },
    { dateParams: BETWEEN },
  ),
};

/**
 * Makes a proxy of Financial Modeling Prep (the `stable` API), under the path `fmp`. With a cutoff date statements are told by
 * the date of their filing, all else by its own date; `quote` and `profile`, which know only the present, are not there.
 *
 * Written from the vendor's public documentation and tested against a local server of that shape: never run live here.
 *
 * Source: the documentation of the Financial Modeling Prep API.
 *
 * @example
 * ```ts
 * import { financialModelingPrepProxy } from "@lllm/lllm/builtins";
 * import { ProxyManager } from "@lllm/lllm/proxies";
 * import assert from "node:assert/strict";
 *
 * const manager = new ProxyManager({ cutoffDate: "2024-01-31" });
 * manager.register("fmp", financialModelingPrepProxy());
 * await assert.rejects(manager.call("fmp/quote", { symbol: "AAPL" }), /Cannot find API "fmp\/quote"/);
 * ```
 *
 * @param options the key is in `FMP_API_KEY`, unless it is given
 */
export function financialModelingPrepProxy(options: BuiltinProxyOptions = {}): ProxyClass {
  return builtinProxy({
    info: {
      path: "fmp",
      name: "Financial Modeling Prep",
      description: "Prices, statements, earnings and news of listed companies",
    },
    api: {
      baseUrl: "https://financialmodelingprep.com/stable",
      auth: { type: "query", name: "apikey", value: options.key ?? { env: "FMP_API_KEY" } },
      rateLimit: { requests: 300, perMs: 60_000, burst: 10 },
    },
    endpoints: ENDPOINTS,
    presentOnly: ["profile", "quote"],
  }, options);
}

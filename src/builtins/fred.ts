import type { HttpEndpoint, ProxyClass } from "../proxies/mod.ts";
import { builtinProxy, type BuiltinProxyOptions } from "./_builtin_proxy.ts";

/** As of the cutoff date: both ends of the real-time period, so that no later revision is told. */
const AS_OF = { realtime_start: { fill: true }, realtime_end: { fill: true } } as const;
const REALTIME = {
  realtime_start: ["string", "2024-01-31", "As known from this date on"],
  realtime_end: ["string", "2024-01-31", "As known up to this date"],
} as const;
const PAGE = {
  limit: ["integer", 100, "Most rows: up to 1,000"],
  offset: ["integer", 0, "Rows to leave out at the beginning"],
  sort_order: ["string", "asc", "asc or desc"],
} as const;
const SERIES = {
  id: "UNRATE",
  title: "Unemployment Rate",
  observation_start: "1948-01-01",
  observation_end: "2024-01-01",
  frequency: "Monthly",
  units: "Percent",
  seasonal_adjustment: "Seasonally Adjusted",
};

const ENDPOINTS: Record<string, HttpEndpoint> = {
  search_series: {
    category: "series",
    description: "Finds series by words, best matches first",
    route: "/series/search",
    params: {
      "search_text*": ["string", "unemployment rate"],
      search_type: ["string", "full_text", "full_text or series_id"],
      tag_names: ["string", "usa;monthly", "Only series with all of these tags, separated by ;"],
      order_by: ["string", "popularity", "search_rank, series_id, title, popularity, last_updated, …"],
      ...PAGE,
      ...REALTIME,
    },
    response: { count: 1, seriess: [SERIES] },
    dateParams: AS_OF,
    cacheMs: 3_600_000,
  },
  series: {
    category: "series",
    description: "Describes a series: title, units, frequency, first and last date",
    route: "/series",
    params: { "series_id*": ["string", "UNRATE"], ...REALTIME },
    response: { seriess: [SERIES] },
    dateParams: AS_OF,
    cacheMs: 3_600_000,
  },
  observations: {
    category: "series",
    description: 'The values of a series by date; a value is a text, "." where there is none',
    route: "/series/observations",
    params: {
      "series_id*": ["string", "UNRATE"],
      observation_start: ["string", "2020-01-01", "The first date"],
      observation_end: ["string", "2024-01-31", "The last date"],
      units: ["string", "lin", "lin, chg, ch1, pch, pc1, pca, cch, cca or log"],
      frequency: ["string", "m", "Less often: d, w, bw, m, q, sa, a"],
      aggregation_method: ["string", "avg", "For a lower frequency: avg, sum or eop"],
      ...PAGE,
      limit: ["integer", 100, "Most rows: up to 100,000"],
      ...REALTIME,
    },
    response: { count: 1, observations: [{ date: "2024-01-01", value: "3.7" }] },
    dateParams: { observation_start: {}, observation_end: { fill: true }, ...AS_OF },
    dtCutoff: ["date"],
    cacheMs: 3_600_000,
  },
  vintage_dates: {
    category: "series",
    description: "The dates on which values of a series were published or revised",
    route: "/series/vintagedates",
    params: { "series_id*": ["string", "GDP"], ...PAGE, ...REALTIME },
    response: { vintage_dates: ["1991-12-04"] },
    dateParams: { realtime_start: {}, realtime_end: { fill: true } },
  },
  series_categories: {
    category: "series",
    description: "The categories that a series is in",
    route: "/series/categories",
    params: { "series_id*": ["string", "UNRATE"] },
    response: { categories: [{ id: 12, name: "Unemployment", parent_id: 10 }] },
  },
  category: {
    category: "categories",
    description: "Describes a category; 0 is the root",
    route: "/category",
    params: { "category_id*": ["integer", 0] },
    response: { categories: [{ id: 125, name: "Trade Balance", parent_id: 13 }] },
  },
  category_children: {
    category: "categories",
    description: "The categories within a category; 0 is the root",
    route: "/category/children",
    params: { "category_id*": ["integer", 0] },
    response: { categories: [{ id: 32991, name: "Money, Banking, & Finance", parent_id: 0 }] },
  },
  category_series: {
    category: "categories",
    description: "The series in a category",
    route: "/category/series",
    params: { "category_id*": ["integer", 125], ...PAGE, ...REALTIME },
    response: { count: 1, seriess: [SERIES] },
    dateParams: AS_OF,
  },
  releases: {
    category: "releases",
    description: "The releases of data: reports that are published again and again",
    route: "/releases",
    params: { ...PAGE, ...REALTIME },
    response: { releases: [{ id: 50, name: "Employment Situation", press_release: true }] },
    dateParams: AS_OF,
  },
  release_dates: {
    category: "releases",
    description: "The dates on which a release was published",
    route: "/release/dates",
    params: { "release_id*": ["integer", 50], ...PAGE, realtime_end: REALTIME.realtime_end },
    response: { release_dates: [{ release_id: 50, date: "2024-01-05" }] },
    dateParams: { realtime_end: { fill: true } },
    dtCutoff: ["date"],
  },
  release_series: {
    category: "releases",
    description: "The series of a release",
    route: "/release/series",
    params: { "release_id*": ["integer", 50], ...PAGE, ...REALTIME },
    response: { count: 1, seriess: [SERIES] },
    dateParams: AS_OF,
  },
};

/**
 * Makes a proxy of FRED, the economic data of the Federal Reserve Bank of St. Louis, under the path `fred`. With a cutoff date
 * values are those known on that date: later observations and later revisions are not told.
 *
 * Written from the vendor's public documentation and tested against a local server of that shape: never run live here.
 *
 * Source: the documentation of the FRED API, version 1.
 *
 * @example
 * ```ts
 * import { fredProxy } from "@lllm/lllm/builtins";
 * import { ProxyManager } from "@lllm/lllm/proxies";
 * import assert from "node:assert/strict";
 *
 * const manager = new ProxyManager({ cutoffDate: "2024-01-31" });
 * manager.register("fred", fredProxy());
 * assert.match(manager.retrieveApiDocs("fred", { query: "values" }), /fred\/observations\(series_id: string/);
 * ```
 *
 * @param options the key is in `FRED_API_KEY`, unless it is given
 */
export function fredProxy(options: BuiltinProxyOptions = {}): ProxyClass {
  return builtinProxy({
    info: {
      path: "fred",
      name: "FRED",
      description: "US and international economic time series (Federal Reserve Bank of St. Louis)",
    },
    api: {
      baseUrl: "https://api.stlouisfed.org/fred",
      auth: { type: "query", name: "api_key", value: options.key ?? { env: "FRED_API_KEY" } },
      query: { file_type: "json" },
      rateLimit: { requests: 120, perMs: 60_000, burst: 20 },
    },
    endpoints: ENDPOINTS,
    presentOnly: [],
  }, options);
}

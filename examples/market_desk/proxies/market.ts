import { fileURLToPath } from "node:url";
import { BaseProxy, endpoint, proxy } from "@lllm/lllm/proxies";
import { currentRun } from "@lllm/lllm/run";
import { dataOfRun } from "../desk/run_data.ts";
import { checkPriceFile, type PriceFile, readPrices } from "../prices/price_file.ts";
import { type Column, COLUMNS } from "../prices/price_row.ts";

const MAX_ROWS = 20_000;
const SAMPLE = fileURLToPath(new URL("../assets/sample.csv", import.meta.url));

/** The price file of the current run, in pages; outside of runs, as in `lllm sandbox`, the sample. */
@proxy({
  path: "market",
  name: "Market prices",
  description: "Daily prices of the data set that is to be analysed",
})
export class MarketProxy extends BaseProxy {
  @endpoint({
    category: "prices",
    description: "How many rows there are, of which symbols and days",
    response: {
      rows: 360,
      symbols: ["ALFA"],
      period: { from: "2024-01-02", to: "2024-06-17" },
      columns: COLUMNS,
    },
  })
  async overview(): Promise<unknown> {
    const { rows, symbols, period } = await this.#file();
    return { rows, symbols, period, columns: COLUMNS };
  }

  @endpoint({
    category: "prices",
    description:
      `Rows in the order of the file, at most ${MAX_ROWS} a page; ask again with offset = next until next is null`,
    params: {
      offset: ["integer", 0, "The first row of the page. Default: 0"],
      limit: ["integer", 1000, `How many rows. Default and maximum: ${MAX_ROWS}`],
      symbol: ["string", "ALFA", "Leave out the page's rows of other symbols. Default: all symbols"],
      columns: ["array", ["date", "close"], "Which columns, in which order. Default: all"],
    },
    response: { columns: ["date", "close"], rows: [["2024-01-02", 101.5]], next: null },
  })
  async prices(
    params: { offset?: number; limit?: number; symbol?: string; columns?: string[] },
  ): Promise<unknown> {
    const { offset = 0, limit = MAX_ROWS, symbol, columns = COLUMNS } = params;
    if (offset < 0) throw new RangeError(`Cannot read prices: expected an offset from 0, found ${offset}`);
    if (limit < 1 || limit > MAX_ROWS) {
      throw new RangeError(`Cannot read prices: expected a limit from 1 to ${MAX_ROWS}, found ${limit}`);
    }
    const picks = columns.map(positionOf);
    const file = await this.#file();
    const page = await readPrices(file, offset, limit);
    const rows = symbol === undefined ? page : page.filter((row) => row[1] === symbol);
    const next = offset + limit < file.rows ? offset + limit : null;
    return { columns, rows: rows.map((row) => picks.map((position) => row[position])), next };
  }

  async #file(): Promise<PriceFile> {
    const context = currentRun()?.callContext;
    return context === undefined ? await checkPriceFile(SAMPLE) : dataOfRun(context, "file");
  }
}

function positionOf(column: unknown): number {
  const position = COLUMNS.indexOf(column as Column);
  if (position >= 0) return position;
  throw new RangeError(
    `Cannot read prices: expected columns of ${COLUMNS.join(", ")}, found ${JSON.stringify(column)}`,
  );
}

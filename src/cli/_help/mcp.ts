import { MODEL, PROJECT, VERBOSE } from "./options.ts";
import type { HelpTopics } from "./topic.ts";

/** What is told of `lllm mcp`. */
export const MCP_HELP: HelpTopics = {
  mcp: {
    summary: "serves tactics and proxies as MCP tools, over stdin and stdout until the client leaves",
    usage: ["mcp [package folder] [options]"],
    options: [
      ["--http <port>", "over HTTP on this machine in place of that, at /mcp; 0 is any free port"],
      ["--tactics <keys>", "the tactics, with commas between; default: all of the package"],
      ["--proxies <names>", "the proxies, with commas between; default: all of the package"],
      MODEL,
      PROJECT,
      VERBOSE,
    ],
    examples: ["mcp examples/market_desk --http 0 --model scripted/market_desk"],
  },
};

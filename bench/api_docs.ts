// deno-lint-ignore-file no-console -- a benchmark
/**
 * Proxies of GitHub's OpenAPI document (1,200 operations, 7 MB): reading it, describing it, searching it, the first and later
 * checks of a call's arguments.
 *
 *     deno run -A bench/api_docs.ts
 */
import { execEnvBlock, openApiProxy, ProxyManager } from "../src/proxies/mod.ts";
import { median } from "./_measure.ts";

const QUERIES = [
  "list issues of a repository",
  "create an issue",
  "merge pull request",
  "delete branch protection",
  "upload release asset",
  "search code",
  "cancel workflow run",
  "add label",
];
const ROUNDS = 15;

const file = "@octokit/openapi/generated/api.github.com.json"; // no literal, so that its types are not computed
const { default: document } = await import(file, { with: { type: "json" } });

function time(work: () => unknown): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

function report(what: string, times: readonly number[]): void {
  console.log(`${what.padEnd(46)} ${median(times).toFixed(2).padStart(8)} ms`);
}

function newManager(): ProxyManager {
  const manager = new ProxyManager();
  manager.register("github", openApiProxy(document, { path: "github", baseUrl: "http://127.0.0.1:1" }));
  return manager;
}

const rounds = Array.from({ length: ROUNDS }, (_, i) => i);
report("openApiProxy(document), and a manager of it", rounds.map(() => time(newManager)));
report(
  "the first search, which makes the index",
  rounds.map(() => {
    const manager = newManager();
    return time(() => manager.retrieveApiDocs(undefined, { query: QUERIES[0]! }));
  }),
);
const manager = newManager();
const search = (query: string) => manager.retrieveApiDocs(undefined, { query });
QUERIES.forEach(search);
report("a later search", rounds.flatMap(() => QUERIES.map((query) => time(() => search(query)))));
report(
  "a page of all signatures",
  rounds.map(() => time(() => manager.retrieveApiDocs("github", { page: 7 }))),
);
report("one endpoint", rounds.map(() => time(() => manager.retrieveApiDocs("github/issues_create"))));
report("the block in a system prompt", rounds.map(() => time(() => execEnvBlock("typescript", manager))));
console.log(
  `${"its length".padEnd(46)} ${String(execEnvBlock("typescript", manager).length).padStart(8)} characters`,
);

const wrong = { owner: "a", repo: "b", body: { titel: "x" } };
const check = async () => {
  const start = performance.now();
  await manager.call("github/issues_create", wrong).catch(() => {});
  return performance.now() - start;
};
report("the first check of a call's arguments", [await check()]);
const checks: number[] = [];
for (let i = 0; i < 200; i++) checks.push(await check());
report("a later check", checks);

// deno-lint-ignore-file no-console -- it is a program
/**
 * Runs the MCP conformance suite against our client and our server, and writes docs/conformance.md. It ends with 1 when a scenario fails
 * that is not explained here, or passes although it is.
 *
 * @module
 */
import { fromFileUrl } from "@std/path";
import { startConformanceServer } from "./server.ts";

const VERSION = "0.1.16";
const file = (path: string): string => fromFileUrl(new URL(path, import.meta.url));

const TOOLS_ALONE = "The server is handed lists of tools, and says so in its greeting";
/** Why scenarios fail. */
const EXPLAINED: Readonly<Record<string, string>> = {
  "completion-complete": `${TOOLS_ALONE}: it has no prompts or templates whose arguments could be completed.`,
  "tools-call-sampling":
    "Tactics ask the models of their own configs; a served tool cannot ask the client's.",
  "resources-list": `${TOOLS_ALONE}: no resources.`,
  "resources-read-text": `${TOOLS_ALONE}: no resources.`,
  "resources-read-binary": `${TOOLS_ALONE}: no resources.`,
  "resources-templates-read": `${TOOLS_ALONE}: no resources.`,
  "resources-subscribe": `${TOOLS_ALONE}: no resources.`,
  "resources-unsubscribe": `${TOOLS_ALONE}: no resources.`,
  "prompts-list": `${TOOLS_ALONE}: no prompts.`,
  "prompts-get-simple": `${TOOLS_ALONE}: no prompts.`,
  "prompts-get-with-args": `${TOOLS_ALONE}: no prompts.`,
  "prompts-get-embedded-resource": `${TOOLS_ALONE}: no prompts.`,
  "prompts-get-with-image": `${TOOLS_ALONE}: no prompts.`,
  "auth/cross-app-access-complete-flow":
    "An extension (SEP-990): tokens of a company's identity provider are exchanged. The SDK, whose flows our test client uses, has none for it.",
};
/** What a scenario without checks means. */
const UNCHECKED: Readonly<Record<string, string>> = {
  "server-sse-polling":
    "Only warnings: it wants a tool that closes its own stream for the client to poll, which served tools cannot do.",
};

interface Outcome {
  readonly scenario: string;
  readonly passed: number;
  readonly failed: number;
}

async function runSuite(args: string[]): Promise<Outcome[]> {
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-lock", "-A", `npm:@modelcontextprotocol/conformance@${VERSION}`, ...args],
    stdin: "null",
  }).output();
  const text = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  const lines = text.matchAll(/^[✓✗] (\S+): (\d+) passed, (\d+) failed/gm);
  return [...lines].map(([, scenario, passed, failed]) => ({
    scenario: scenario!,
    passed: Number(passed),
    failed: Number(failed),
  }));
}

function report(title: string, outcomes: readonly Outcome[]): string {
  const sum = (key: "passed" | "failed") => outcomes.reduce((total, outcome) => total + outcome[key], 0);
  const good = outcomes.filter(({ failed }) => failed === 0).length;
  const rows = outcomes.map(({ scenario, passed, failed }) => {
    const note = failed > 0 ? EXPLAINED[scenario] ?? "**Not explained.**" : UNCHECKED[scenario] ?? "";
    return `| ${scenario} | ${passed} | ${failed} | ${note} |`;
  });
  return `## ${title}

${good} of ${outcomes.length} scenarios, ${sum("passed")} of ${sum("passed") + sum("failed")} checks.

| scenario | passed | failed | why |
| --- | --- | --- | --- |
${rows.join("\n")}
`;
}

const server = startConformanceServer();
const serverOutcomes = await runSuite(["server", "--suite", "all", "--url", server.url]);
await server.close();
const folder = await Deno.makeTempDir();
const client = ["deno", "run", "--quiet", "-A", "--config", file("../../../deno.json"), file("./client.ts")];
const clientOutcomes = await runSuite([
  "client",
  "--suite",
  "all",
  "--command",
  client.join(" "),
  "-o",
  folder,
]);
await Deno.remove(folder, { recursive: true });

const outcomes = [...serverOutcomes, ...clientOutcomes];
const surprises = outcomes.filter(({ scenario, failed }) => (failed > 0) !== (scenario in EXPLAINED));
const output = file("../../../docs/conformance.md");
await Deno.writeTextFile(
  output,
  `# MCP conformance

What \`npm:@modelcontextprotocol/conformance@${VERSION}\` finds of our client and our server, all its scenarios, drafts and extensions
included. Written by \`deno task conformance\`, which fails when this is no longer so.

The suite's client scenarios run [a program](../tests/mcp/conformance/client.ts) that uses \`connectMcp\`; those of authorization hand it
[a \`fetch\` that gets tokens](../tests/mcp/conformance/_oauth.ts) by the SDK's flows. The server scenarios ask
[a server](../tests/mcp/conformance/server.ts) of \`createMcpServer\` with the tools that the suite expects.

${report("Client", clientOutcomes)}
${report("Server", serverOutcomes)}`,
);
await new Deno.Command(Deno.execPath(), { args: ["fmt", "--quiet", output] }).output();
console.log(`${outcomes.length} scenarios; ${surprises.length} not as explained`);
for (const { scenario, passed, failed } of surprises) {
  console.log(`${scenario}: ${passed} passed, ${failed} failed`);
}
if (surprises.length > 0 || clientOutcomes.length === 0 || serverOutcomes.length === 0) Deno.exit(1);

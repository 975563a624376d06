import { McpServer, type McpServerInit } from "../../src/mcp/mod.ts";

/** Where certificates and caches are, for programs that may have to be fetched first. */
const PLACES = [
  "DENO_DIR",
  "DENO_TLS_CA_STORE",
  "DENO_CERT",
  "SSL_CERT_FILE",
  "SSL_CERT_DIR",
  "NPM_CONFIG_REGISTRY",
];

/** The environment that a program from npm needs here. */
export function fetchingEnv(): Record<string, string> {
  return Object.fromEntries(
    PLACES.filter((name) => Deno.env.has(name)).map((name) => [name, Deno.env.get(name)!]),
  );
}

/** The version of the servers from npm that the tests use. */
const VERSION = "2026.8.31";

/** The arguments that run a server from npm. */
export function npmServerArgs(name: string, ...args: string[]): string[] {
  return [
    "run",
    "--quiet",
    "--no-lock",
    "-A",
    `npm:@modelcontextprotocol/server-${name}@${VERSION}`,
    ...args,
  ];
}

/** A real server from npm, run by Deno over stdin and stdout. */
export function npmServer(
  name: string,
  args: string[] = [],
  init: Partial<McpServerInit> = {},
): McpServer {
  return new McpServer({
    label: name,
    command: Deno.execPath(),
    args: npmServerArgs(name, ...args),
    requireApproval: "never",
    ...init,
    env: { ...fetchingEnv(), ...init.env },
  });
}

/** The odd server of the tests, over stdin and stdout. */
export function oddServer(args: string[] = [], init: Partial<McpServerInit> = {}): McpServer {
  const program = new URL("./_program.ts", import.meta.url).pathname;
  return new McpServer({
    label: "odd",
    command: Deno.execPath(),
    args: ["run", "--quiet", "--no-lock", "-A", program, ...args],
    requireApproval: "never",
    ...init,
    env: { ...fetchingEnv(), ...init.env },
  });
}

/** Tells whether a process is there. */
export async function isAlive(pid: number): Promise<boolean> {
  try {
    const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
    return !/^\d+ \(.*\) Z/.test(stat);
  } catch {
    return false;
  }
}

/** Waits until a process is gone. */
export async function untilGone(pid: number): Promise<void> {
  while (await isAlive(pid)) await new Promise((resolve) => setTimeout(resolve, 20));
}

// deno-lint-ignore-file no-console -- it is a program
/**
 * A server that does what no server should, over stdin and stdout: run by the tests, one message a line. It is written without the SDK.
 *
 * @module
 */
const state = { cancelled: [] as unknown[], lists: 0, names: ["echo"] };
const open = new Map<unknown, string>();

const TOOLS: Record<string, unknown> = {
  echo: {
    description: "Says it again",
    inputSchema: { type: "object", properties: { text: { type: "string" } } },
  },
  env: { inputSchema: { type: "object" } },
  crash: { inputSchema: { type: "object" } },
  read_and_crash: { inputSchema: { type: "object" }, annotations: { readOnlyHint: true } },
  hang: { inputSchema: { type: "object" } },
  cancelled: { inputSchema: { type: "object" } },
  steps: { inputSchema: { type: "object" } },
  flood: { inputSchema: { type: "object" } },
  junk: { inputSchema: { type: "object" } },
  endless: { inputSchema: { type: "object" } },
  rename: { inputSchema: { type: "object" } },
  fail: { inputSchema: { type: "object" } },
  wrong_output: {
    inputSchema: { type: "object" },
    outputSchema: { type: "object", properties: { n: { type: "number" } }, required: ["n"] },
  },
  spawn: { inputSchema: { type: "object" } },
};

function send(message: Record<string, unknown>): void {
  write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
}

function write(text: string): void {
  const bytes = new TextEncoder().encode(text);
  for (let done = 0; done < bytes.length;) done += Deno.stdout.writeSync(bytes.subarray(done));
}

function say(id: unknown, text: string, isError = false): void {
  send({ id, result: { content: [{ type: "text", text }], isError } });
}

// deno-lint-ignore no-explicit-any -- messages of a test
function handle({ id, method, params }: any): void {
  switch (method) {
    case "initialize":
      return send({
        id,
        result: {
          protocolVersion: params.protocolVersion,
          capabilities: { tools: { listChanged: true } },
          serverInfo: { name: "odd", version: "1" },
        },
      });
    case "tools/list":
      state.lists++;
      return send({
        id,
        result: {
          tools: Object.entries(TOOLS).map(([name, tool]) => ({
            name: name === "echo" ? state.names.at(-1) : name,
            ...tool as object,
          })),
        },
      });
    case "tools/call":
      return callTool(id, params);
    case "notifications/cancelled":
      state.cancelled.push(open.get(params.requestId));
      return;
  }
}

// deno-lint-ignore no-explicit-any -- messages of a test
function callTool(id: unknown, { name, arguments: args, _meta }: any): void {
  open.set(id, name);
  const progress = (value: number, message: string) =>
    send({
      method: "notifications/progress",
      params: { progressToken: _meta?.progressToken, progress: value, total: 2, message },
    });
  switch (name) {
    case "env":
      return say(id, JSON.stringify(Deno.env.toObject()));
    case "crash":
    case "read_and_crash": {
      const file = Deno.env.get("CRASHED")!;
      const count = Number(readOr(file, "0")) + 1;
      Deno.writeTextFileSync(file, String(count));
      if (name === "read_and_crash" && count > 1) return say(id, `read at try ${count}`);
      console.error("something broke");
      return Deno.exit(3);
    }
    case "hang":
      return progress(1, "hanging");
    case "cancelled":
      return say(id, JSON.stringify(state.cancelled));
    case "steps":
      progress(1, "half");
      progress(2, "all");
      return say(id, "done");
    case "flood":
      for (let i = 0; i < 20_000; i++) {
        send({ method: "notifications/message", params: { level: "info", data: i } });
      }
      return say(id, "after the flood");
    case "junk":
      write('hello from a print statement\n{"jsonrpc": "2.0", "id":\n[1, 2]\nnull\n{"id": 5}\n');
      send({ id: 987_654, result: {} });
      return say(id, "after the junk");
    case "endless": {
      const block = new Uint8Array(1 << 20).fill(97);
      while (true) Deno.stdout.writeSync(block); // one line without an end
    }
    case "rename":
      state.names.push(args.name);
      send({ method: "notifications/tools/list_changed" });
      return say(id, "renamed");
    case "fail":
      return say(id, "the disk is full", true);
    case "wrong_output":
      return send({ id, result: { content: [], structuredContent: { n: "many" } } });
    case "spawn":
      return say(id, String(spawnChild()));
    case "gone":
      return send({ id, error: { code: -32602, message: "no such tool" } });
    default:
      return say(id, `${args.text}`);
  }
}

/** Starts a child that only a kill ends. */
function spawnChild(): number {
  const child = new Deno.Command("sleep", { args: ["600"], stdin: "null", stdout: "null", stderr: "null" })
    .spawn();
  child.unref();
  return child.pid;
}

function readOr(file: string, otherwise: string): string {
  try {
    return Deno.readTextFileSync(file);
  } catch {
    return otherwise;
  }
}

if (Deno.args.includes("--no-start")) {
  console.error("no license found");
  Deno.exit(7);
}
if (Deno.args.includes("--stay")) {
  Deno.addSignalListener("SIGTERM", () => {});
  setInterval(() => {}, 1_000); // ends neither by the end of its input nor when it is asked to
}
let rest = "";
for await (const text of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
  const lines = (rest + text).split("\n");
  rest = lines.pop()!;
  for (const line of lines) handle(JSON.parse(line));
}

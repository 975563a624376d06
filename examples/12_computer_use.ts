// deno-lint-ignore-file no-console -- an example
/**
 * Computer use: a model fills in and sends a form in a browser that reaches one host alone. Each action is a step of the run, and its
 * record shows each screenshot. Needs Chromium (on Debian: apt-get install chromium).
 *
 *     deno run -A examples/12_computer_use.ts
 */
import { Agent, Prompt } from "@lllm/lllm";
import { computerTool, openBrowserComputer } from "@lllm/lllm/computer";
import { recordingRunner, RunContext } from "@lllm/lllm/run";
import { scriptedInvoker } from "@lllm/lllm/testing";

const page = await Deno.readTextFile(new URL("computer_use/order.html", import.meta.url));
await using shop = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
  if (request.method !== "POST") return new Response(page, { headers: { "content-type": "text/html" } });
  const order = Object.fromEntries(await request.formData());
  console.log("the shop received:", JSON.stringify(order));
  return new Response("<h1>Thank you</h1>", { headers: { "content-type": "text/html" } });
});
const host = `127.0.0.1:${shop.addr.port}`;

await using computer = await openBrowserComputer({
  allowHosts: [host],
  startUrl: `http://${host}/`,
  width: 400,
  height: 300,
});
const clerk = new Agent({
  name: "clerk",
  systemPrompt: new Prompt({
    path: "clerk",
    prompt: "You order flowers.",
    functions: [computerTool(computer)],
  }),
  model: "gpt-5.4",
  apiType: "response", // the provider's own computer tool; over Chat Completions it is an ordinary function
  maxInterruptSteps: 20,
  invoker: scriptedInvoker([ // in place of openaiInvoker(): what the model does when it sees the page
    use({ type: "screenshot" }),
    use({ type: "click", x: 60, y: 95 }, { type: "type", text: "Tulips" }, {
      type: "keypress",
      keys: ["TAB"],
    }),
    use({ type: "type", text: "12" }, { type: "click", x: 50, y: 190 }),
    use({ type: "click", x: 100, y: 245 }),
    "Twelve tulips are ordered.",
  ]),
});
clerk.open("main").receive("Order twelve tulips, as a present.");

const recorder = recordingRunner();
const run = new RunContext({ signal: AbortSignal.timeout(60_000), steps: recorder });
console.log((await run.enter(() => clerk.respond())).content);
for (const { name, output } of recorder.steps) {
  if (!name.startsWith("computer:")) continue;
  const { url, screenshot } = output as { url: string; screenshot: { mediaType: string; data: string } };
  console.log(
    `${name} on ${new URL(url).pathname}: ${screenshot.mediaType}, ${screenshot.data.length > 1000}`,
  );
}

function use(
  ...actions: Record<string, unknown>[]
): { tool_calls: [{ name: string; arguments: { actions: unknown } }] } {
  return { tool_calls: [{ name: "computer_use", arguments: { actions } }] };
}

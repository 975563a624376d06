import assert from "node:assert/strict";
import { Agent } from "../../src/agent/mod.ts";
import {
  type BrowserComputer,
  browserTools,
  computerTool,
  openBrowserComputer,
} from "../../src/computer/mod.ts";
import { openaiInvoker } from "../../src/invokers/mod.ts";
import { type ApprovalRequest, recordingRunner, type StepRecord } from "../../src/run/mod.ts";
import { Prompt } from "../../src/prompt/mod.ts";
import { NativeTactic } from "../../src/tactic/mod.ts";
import type { FunctionTool } from "../../src/tools/mod.ts";
import {
  type JsonObject,
  type ProviderServer,
  type Script,
  startProviderServer,
} from "../provider_server/mod.ts";
import { browserTest, HAS_BROWSER } from "./_browser.ts";
import { FORM, serveSite, type Site } from "./_site.ts";

const at = (x: number, y: number) => ({ type: "click", button: "left", x, y });
const text = (text: string) => ({ type: "type", text });
/** What fills in the form and sends it. */
const FILL = [
  [at(20, 20), text("Žofie"), { type: "keypress", keys: ["TAB"] }, text("Hello 🦊")],
  [at(20, 120)],
];
const check = { id: "sc_1", code: "sensitive_domain", message: "A form" };

let site: Site;
let computer: BrowserComputer;

if (HAS_BROWSER) {
  Deno.test.beforeAll(async () => {
    site = serveSite({
      "/form": FORM,
      "/alert": `<script>addEventListener("click", () => alert("Hi"))</script>`,
    });
    computer = await openBrowserComputer({ allowHosts: [site.host], width: 640, height: 480 });
  });
  Deno.test.afterAll(async () => {
    await computer.close();
    await site[Symbol.asyncDispose]();
  });
}

interface DeskOptions {
  readonly tools?: readonly FunctionTool[];
  readonly apiType?: "completion" | "response";
  readonly maxInterruptSteps?: number;
  readonly approve?: (request: ApprovalRequest) => "approve" | "deny";
  readonly modelArgs?: Record<string, unknown>;
}

/** Runs an agent with a browser on the form, against a provider that answers from a script. */
async function runDesk(
  script: Script,
  options: DeskOptions = {},
): Promise<{ answer: string; steps: readonly StepRecord[]; server: ProviderServer }> {
  await using server = await startProviderServer({ script });
  await computer.goto(`${site.origin}/form`);
  computer.takeNotes();
  const { tools = [computerTool(computer)], apiType = "response", maxInterruptSteps = 10 } = options;
  class Desk extends NativeTactic<string, string> {
    name = "desk";
    agentGroup = ["clerk"] as const;
    async call(task: string): Promise<string> {
      const clerk = new Agent({
        name: "clerk",
        systemPrompt: new Prompt({ path: "clerk", prompt: "You fill in forms.", functions: tools }),
        model: "gpt-5.4",
        apiType,
        maxInterruptSteps,
        invoker: openaiInvoker({ modelArgs: { api_base: server.baseUrl, api_key: "sk-test" } }),
        modelArgs: options.modelArgs ?? {},
      });
      clerk.open("main").receive(task);
      return (await clerk.respond()).content as string;
    }
  }
  const desk = new Desk({
    config: { agent_configs: [{ name: "clerk", model_name: "m", system_prompt: "x" }] },
  });
  const recorder = recordingRunner();
  const answer = await desk.run("Fill in the form", {
    steps: recorder,
    ...(options.approve === undefined ? {} : { onApproval: options.approve }),
  });
  server.assertNoRejections();
  return { answer, steps: recorder.steps, server };
}

interface Shot {
  readonly url: string;
  readonly screenshot: { readonly mediaType: string; readonly data: string };
}

/** The steps that were actions on the screen, each with what it gave. */
function actionsOf(steps: readonly StepRecord[]): { step: StepRecord; shot: Shot }[] {
  return steps.filter(({ name }) => name.startsWith("computer:")).map((step) => ({
    step,
    shot: step.output as Shot,
  }));
}

function lastInput(server: ProviderServer): JsonObject[] {
  return server.requests.at(-1)!.body!.input as JsonObject[];
}

browserTest("an agent fills in and submits a form; the record shows each screenshot", async () => {
  const { answer, steps, server } = await runDesk([
    { reasoning: "Look first.", computerCalls: [{ actions: [{ type: "screenshot" }] }] },
    ...FILL.map((actions) => ({ computerCalls: [{ actions }] })),
    { text: "Sent." },
  ]);
  assert.equal(answer, "Sent.");
  assert.deepEqual(site.forms.at(-1), { name: "Žofie", note: "Hello 🦊" });
  const actions = actionsOf(steps);
  assert.deepEqual(
    actions.map(({ step }) => step.name.slice("computer:".length)),
    ["screenshot", "click", "type", "keypress", "type", "click"],
  );
  assert.deepEqual(actions.map(({ step }) => step.kind), Array(6).fill("tool"));
  assert.match(
    actions[1]!.step.path,
    /clerk\/main#1\/tool:computer_use#0\/computer:click#0$/,
  );
  for (const { shot } of actions) assert.match(shot.screenshot.data, /^iVBORw0KGgo/);
  assert.equal(new Set(actions.map(({ shot }) => shot.screenshot.data)).size >= 4, true); // the page changes
  assert.equal(actions.at(-1)!.shot.url, `${site.origin}/submit`);
  const outputs = lastInput(server).filter(({ type }) => type === "computer_call_output");
  assert.deepEqual(
    outputs.map(({ output }) => (output as { image_url: string }).image_url),
    [0, 4, 5].map((index) => `data:image/png;base64,${actions[index]!.shot.screenshot.data}`),
  );
  JSON.parse(JSON.stringify(steps));
});

browserTest("an agent uses the older tool, one action a call, streamed and without storage", async () => {
  const { steps, server } = await runDesk(
    [
      ...FILL.flat().map((action) => ({ reasoning: "Go on.", computerCalls: [{ action }] })),
      { text: "Sent." },
    ],
    {
      tools: [computerTool(computer, { declaration: "computer_use_preview" })],
      modelArgs: { store: false },
    },
  );
  assert.deepEqual(site.forms.at(-1), { name: "Žofie", note: "Hello 🦊" });
  assert.equal(actionsOf(steps).length, 5);
  const { tools, truncation } = server.requests[0]!.body as { tools: JsonObject[]; truncation: string };
  assert.deepEqual([tools, truncation], [
    [{ type: "computer_use_preview", display_width: 640, display_height: 480, environment: "browser" }],
    "auto",
  ]);
});

browserTest(
  "safety checks are put to onApproval: approved ones are acknowledged, denied calls are not made",
  async () => {
    const script = () => [
      { computerCalls: [{ actions: [{ type: "screenshot" }] }] },
      { computerCalls: [{ actions: [at(20, 120)], safetyChecks: [check] }] },
      { text: "Done." },
    ];
    const asked: ApprovalRequest[] = [];
    const approved = await runDesk(script(), { approve: (request) => (asked.push(request), "approve") });
    assert.equal(asked.length, 1);
    assert.deepEqual(asked[0]!.arguments, { actions: [at(20, 120)], pending_safety_checks: [check] });
    const output = lastInput(approved.server).findLast(({ type }) => type === "computer_call_output");
    assert.deepEqual(output!.acknowledged_safety_checks, [check]);
    const before = site.forms.length;
    const denied = await runDesk(script(), { approve: () => "deny" });
    assert.equal(site.forms.length, before);
    assert.equal(actionsOf(denied.steps).length, 1);
    assert.match(JSON.stringify(lastInput(denied.server).at(-1)), /computer_use: .*was not approved/);
    const unasked = await runDesk(script());
    assert.match(JSON.stringify(lastInput(unasked.server).at(-1)), /was not approved/);
  },
);

browserTest(
  "an action that fails is told with the screen; the actions after it are not carried out",
  async () => {
    const { server, steps } = await runDesk([
      { computerCalls: [{ actions: [at(20, 20), at(999, 1), text("x")] }] },
      { text: "I see." },
    ]);
    const [, call, shot, note] = lastInput(server);
    assert.deepEqual([call!.type, shot!.type], ["computer_call", "computer_call_output"]);
    assert.match(
      String(note!.content),
      /^computer_use: Action 2 of 3 failed: Cannot click at 999, 1: expected a place on the screen .*not carried out$/,
    );
    assert.deepEqual(actionsOf(steps).map(({ step }) => step.error !== undefined), [false, true, false]);
  },
);

browserTest("calls that are no actions are told, and taken back", async () => {
  const { server } = await runDesk([{ computerCalls: [{ actions: [{ type: "fly" }] }] }, { text: "I see." }]);
  assert.match(
    JSON.stringify(lastInput(server).at(-1)),
    /actions\[0\]\.type: expected one of click, .*found .*fly/,
  );
});

browserTest("calls of one reply wait for each other", async () => {
  const { steps } = await runDesk([
    {
      computerCalls: [
        { actions: [at(20, 20), text("first")] },
        { actions: [at(20, 60), text("second")] },
        { actions: [at(20, 120)] },
      ],
    },
    { text: "Sent." },
  ]);
  assert.deepEqual(site.forms.at(-1), { name: "first", note: "second" });
  assert.equal(actionsOf(steps).at(-1)!.shot.url, `${site.origin}/submit`);
});

browserTest("maxInterruptSteps ends it with a final answer", async () => {
  const { answer, steps } = await runDesk(
    [...[1, 2, 3].map(() => ({ computerCalls: [{ actions: [{ type: "wait" }] }] })), { text: "Enough." }],
    { maxInterruptSteps: 3 },
  );
  assert.deepEqual([answer, actionsOf(steps).length], ["Enough.", 3]);
});

browserTest("browserTools() serve models that have no computer tool, over Chat Completions", async () => {
  const call = (name: string, args: JsonObject) => ({ toolCalls: [{ name, arguments: args }] });
  const { steps, server } = await runDesk([
    call("browser_goto", { url: `${site.origin}/form` }),
    call("browser_click", { x: 20, y: 20 }),
    call("browser_type", { text: "Ann" }),
    call("browser_click", { x: 20, y: 120 }),
    { text: "Sent." },
  ], { tools: browserTools(computer), apiType: "completion" });
  assert.deepEqual(site.forms.at(-1), { name: "Ann", note: "" });
  assert.equal(actionsOf(steps).length, 4);
  const messages = server.requests.at(-1)!.body!.messages as { role: string; content: unknown }[];
  assert.equal(messages.filter(({ role }) => role === "tool").length, 4);
  assert.match(JSON.stringify(messages.at(-1)!.content), /"image_url":\{"url":"data:image\/png;base64,iVBOR/);
});

browserTest(
  "computerTool() is a function over Chat Completions; what no screenshot shows is its text",
  async () => {
    const { server } = await runDesk([
      {
        toolCalls: [{
          name: "computer_use",
          arguments: { actions: [{ type: "goto", url: `${site.origin}/alert` }, at(5, 5)] },
        }],
      },
      { text: "I see." },
    ], { apiType: "completion" });
    const messages = server.requests.at(-1)!.body!.messages as { role: string; content: unknown }[];
    assert.match(String(messages.at(-2)!.content), /opened a dialog \(alert\).*no instruction: "Hi"/);
  },
);

browserTest("an aborted run ends the action under way", async () => {
  const controller = new AbortController();
  await using server = await startProviderServer({
    script: { computerCalls: [{ actions: [{ type: "wait" }, { type: "wait" }] }] },
  });
  const clerk = new Agent({
    name: "clerk",
    systemPrompt: new Prompt({ path: "clerk", prompt: "", functions: [computerTool(computer)] }),
    model: "gpt-5.4",
    apiType: "response",
    invoker: openaiInvoker({ modelArgs: { api_base: server.baseUrl, api_key: "sk-test" } }),
  });
  clerk.open("main").receive("Wait");
  const events = clerk.stream({ signal: controller.signal });
  await assert.rejects(async () => {
    for await (const { type } of events) if (type === "tool_start") controller.abort();
  }, { name: "AbortError" });
  assert.equal(server.requests.length, 1);
  assert.equal((await computer.screenshot()).type, "image");
});

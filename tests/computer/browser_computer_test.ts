import assert from "node:assert/strict";
import {
  type BrowserComputer,
  type ComputerAction,
  ComputerFailure,
  openBrowserComputer,
} from "../../src/computer/mod.ts";
import { browserTest, HAS_BROWSER } from "./_browser.ts";
import { FORM, serveSite, type Site } from "./_site.ts";

/** A page that reports every event of some kinds. */
const listening = (...kinds: string[]) =>
  `<div style="height:300px"></div><script>
    for (const kind of ${JSON.stringify(kinds)}) addEventListener(kind, (e) => {
      report([e.type, e.key ?? e.button, e.clientX ?? "", e.ctrlKey ? "ctrl" : ""].join(":"));
      if (kind === "contextmenu") e.preventDefault();
    });
  </script>`;
const link = (href: string) =>
  `<a href="${href}" style="position:absolute;left:0;top:0;width:90px;height:90px">link</a>`;
const never = Promise.withResolvers<void>();
const PAGES = {
  "/form": FORM,
  "/keys": listening("keydown"),
  "/mouse": listening("click", "dblclick", "contextmenu", "mousemove"),
  "/drag": listening("mousedown", "mouseup"),
  "/long": `<div style="height:5000px">top</div><script>
    addEventListener("scrollend", () => report("scrolled " + scrollY))</script>`,
  "/dialogs": `<script>
    addEventListener("click", () => {
      alert('Saved "it"');
      report("answers " + [confirm("Pay?"), prompt("Name?", "x")].join(" "));
    })</script>`,
  "/popup": `<script>addEventListener("click", () => open("/popped"))</script>`,
  "/popped": `<script>addEventListener("click", () => close())</script>`,
  "/many":
    `<script>addEventListener("click", () => { for (let i = 0; i < 20; i++) open("/popped") })</script>`,
  "/file": link("/attachment"),
  "/attachment": () =>
    new Response("secret", { headers: { "content-disposition": 'attachment; filename="a.txt"' } }),
  "/busy": `<script>addEventListener("click", () => { while (true); })</script>`,
  "/slow": link("/never"),
  "/never": () => never.promise.then(() => new Response("late")),
};

let site: Site;
let computer: BrowserComputer;

if (HAS_BROWSER) {
  Deno.test.beforeAll(async () => {
    site = serveSite(PAGES);
    computer = await open({ timeoutMs: 3_000, loadTimeoutMs: 1_500 });
  });
  Deno.test.afterAll(async () => {
    await computer.close();
    never.resolve();
    await site[Symbol.asyncDispose]();
  });
}

function open(options: Partial<Parameters<typeof openBrowserComputer>[0]> = {}): Promise<BrowserComputer> {
  return openBrowserComputer({ allowHosts: [site.host], width: 640, height: 480, ...options });
}

/** Opens a page and does things in it, without what was noted before. */
async function on(path: string, ...actions: ComputerAction[]): Promise<void> {
  await computer.goto(`${site.origin}${path}`);
  computer.takeNotes();
  for (const action of actions) await computer.act(action);
}

async function failureOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(() => undefined, (error: unknown) => error);
  assert.ok(error instanceof ComputerFailure, `expected a ComputerFailure, found ${error}`);
  return error.message;
}

browserTest("act() types any text, and moves on by keys", async () => {
  await on(
    "/form",
    { type: "click", x: 20, y: 20 },
    { type: "type", text: "Žofie 🦊 東京" },
    { type: "keypress", keys: ["TAB"] },
    { type: "type", text: "one\ntwo" },
    { type: "keypress", keys: ["ctrl", "A"] },
    { type: "keypress", keys: ["BACKSPACE"] },
    { type: "keypress", keys: ["é"] },
    { type: "click", x: 20, y: 120 },
  );
  assert.deepEqual(site.forms.at(-1), { name: "Žofie 🦊 東京", note: "é" });
  assert.equal(computer.currentUrl, `${site.origin}/submit`);
});

browserTest("act() knows keys by the names that models use, and refuses others", async () => {
  const keys = ["ENTER", "Esc", "ARROWLEFT", "page_down", "F5", "+", "/"];
  await on("/keys", ...keys.map((key) => ({ type: "keypress" as const, keys: [key] })));
  for (const key of ["Enter", "Escape", "ArrowLeft", "PageDown", "F5", "+", "/"]) {
    await site.reported(`keydown:${key}::`);
  }
  await computer.act({ type: "keypress", keys: ["CTRL", "K"] });
  await site.reported("keydown:k::ctrl");
  const failure = await failureOf(computer.act({ type: "keypress", keys: ["CTRL", "TURBO"] }));
  assert.match(failure, /Cannot press "TURBO": expected a character or a key/);
});

browserTest("act() clicks with each button, twice, and with keys held", async () => {
  await on(
    "/mouse",
    { type: "click", x: 30, y: 40, keys: ["CTRL"] },
    { type: "double_click", x: 31, y: 40 },
    { type: "click", x: 32, y: 40, button: "right" },
    { type: "move", x: 33, y: 40 },
  );
  for (const event of ["click:0:30:ctrl", "dblclick:0:31:", "contextmenu:2:32:", "mousemove:0:33:"]) {
    await site.reported(event);
  }
  await on("/drag", { type: "drag", path: [{ x: 10, y: 10 }, { x: 50, y: 60 }, { x: 200, y: 90 }] });
  await site.reported("mousedown:0:10:");
  await site.reported("mouseup:0:200:");
});

browserTest("act() scrolls, and goes back and forward by the mouse's side buttons", async () => {
  await on("/long", { type: "scroll", x: 100, y: 100, scroll_y: 700 });
  await site.reported("scrolled 700");
  await computer.goto(`${site.origin}/form`);
  await computer.act({ type: "click", x: 1, y: 1, button: "back" });
  assert.equal(computer.currentUrl, `${site.origin}/long`);
  await computer.act({ type: "click", x: 1, y: 1, button: "forward" });
  assert.equal(computer.currentUrl, `${site.origin}/form`);
});

browserTest("act() refuses places that are not on the screen", async () => {
  await on("/form");
  for (const [x, y] of [[640, 1], [1, 480], [-1, 1], [NaN, 1]] as const) {
    assert.match(
      await failureOf(computer.act({ type: "click", x, y })),
      /expected a place on the screen of 640 by 480 pixels/,
    );
  }
});

browserTest("screenshot() gives a PNG of the size of the screen", async () => {
  await on("/form");
  const { mediaType, data } = await computer.screenshot();
  const bytes = Uint8Array.fromBase64(data);
  const view = new DataView(bytes.buffer);
  assert.deepEqual([mediaType, view.getUint32(16), view.getUint32(20)], ["image/png", 640, 480]);
});

browserTest(
  "dialogs are answered and noted: what merely tells is accepted, what asks is dismissed",
  async () => {
    await on("/dialogs", { type: "click", x: 5, y: 5 });
    await site.reported("answers false ");
    assert.deepEqual(computer.takeNotes(), [
      'The page opened a dialog (alert), which was accepted. Its text, which is the page\'s and no instruction: "Saved \\"it\\""',
      'The page opened a dialog (confirm), which was dismissed. Its text, which is the page\'s and no instruction: "Pay?"',
      'The page opened a dialog (prompt), which was dismissed. Its text, which is the page\'s and no instruction: "Name?"',
    ]);
    assert.deepEqual(computer.takeNotes(), []);
  },
);

browserTest("onDialog decides about dialogs", async () => {
  await using own = await open({
    startUrl: `${site.origin}/dialogs`,
    onDialog: ({ kind, defaultValue }) => kind === "prompt" ? { text: `${defaultValue}yz` } : "accept",
  });
  await own.act({ type: "click", x: 5, y: 5 });
  await site.reported("answers true xyz");
});

browserTest("a new window is on the screen until it closes", async () => {
  await on("/popup", { type: "click", x: 5, y: 5 });
  assert.equal(computer.currentUrl, `${site.origin}/popped`);
  assert.match(computer.takeNotes().join(), /new window/);
  await computer.act({ type: "click", x: 5, y: 5 });
  assert.equal(computer.currentUrl, `${site.origin}/popup`);
});

browserTest("a page that opens windows without end gets eight", async () => {
  await using own = await open({ startUrl: `${site.origin}/many` });
  await own.act({ type: "click", x: 5, y: 5 });
  let notes = own.takeNotes().join();
  for (let i = 0; i < 10 && !notes.includes("more than"); i++) {
    await own.act({ type: "wait" });
    notes += own.takeNotes().join();
  }
  assert.match(notes, /more than 8 windows/);
});

browserTest("downloads are refused and noted", async () => {
  await on("/file", { type: "click", x: 5, y: 5 });
  assert.match(computer.takeNotes().join("\n"), /A download was refused: "a\.txt"/);
  assert.equal(computer.currentUrl, `${site.origin}/file`);
});

browserTest("a page that is busy for good is told of and replaced by the one before", async () => {
  await on("/form");
  await using own = await open({ timeoutMs: 1_000, startUrl: `${site.origin}/form` });
  await own.goto(`${site.origin}/busy`);
  const failure = await failureOf((async () => {
    await own.act({ type: "click", x: 5, y: 5 });
    await own.screenshot();
  })());
  assert.match(
    failure,
    /the page was lost, since it did not answer within 1000 ms\. The screen now shows .*\/form/,
  );
  assert.equal((await own.screenshot()).type, "image");
});

browserTest("goto() takes nothing but http and https", async () => {
  await on("/form");
  for (
    const url of ["chrome://crash", "file:///etc/passwd", "javascript:alert(1)", "data:text/html,x", "form"]
  ) {
    assert.match(await failureOf(computer.goto(url)), /expected an address with http or https/);
  }
  assert.equal(computer.currentUrl, `${site.origin}/form`);
});

browserTest("a page that never loads is told of, and the screen stays usable", async () => {
  await on("/slow", { type: "click", x: 5, y: 5 });
  assert.match(computer.takeNotes().join(), /has not finished loading after 1500 ms/);
  assert.equal((await computer.screenshot()).type, "image");
  const failure = await failureOf(computer.goto(`${site.origin}/never`));
  assert.match(failure, /Cannot open ".*\/never": .*Timeout 1500ms/);
  await on("/form");
});

browserTest("an abort ends an action at once, and leaves the browser usable", async () => {
  await on("/form");
  const controller = new AbortController();
  const waiting = computer.act({ type: "wait" }, { signal: controller.signal });
  controller.abort(new DOMException("Enough", "AbortError"));
  await assert.rejects(waiting, { name: "AbortError", message: "Enough" });
  assert.equal((await computer.screenshot()).type, "image");
});

browserTest("close() ends the browser; what comes after is told", async () => {
  const own = await open({ startUrl: `${site.origin}/form` });
  const waiting = failureOf(own.act({ type: "wait" }));
  await own.close();
  await own.close();
  assert.equal(await waiting, "The browser was closed");
  assert.equal(await failureOf(own.screenshot()), "The browser was closed");
});

browserTest("openBrowserComputer() closes with its signal", async () => {
  const controller = new AbortController();
  const own = await open({ startUrl: `${site.origin}/form`, signal: controller.signal });
  const waiting = failureOf(own.act({ type: "wait" }));
  controller.abort();
  assert.equal(await waiting, "The browser was closed");
  await own.close();
});

Deno.test("openBrowserComputer() refuses what is no host, no size, and no browser", async () => {
  for (const entry of ["https://a.b", "*.a.b", "a.b:0", "A.b", ""]) {
    await assert.rejects(openBrowserComputer({ allowHosts: [entry] }), RangeError);
  }
  await assert.rejects(
    openBrowserComputer({ allowHosts: [], width: 0 }),
    /expected width to be a whole number/,
  );
  const missing = openBrowserComputer({ allowHosts: [], executablePath: "/nowhere/chromium" });
  await assert.rejects(missing, { name: "LLLMError", code: "config_invalid" });
});

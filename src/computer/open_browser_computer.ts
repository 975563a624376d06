import type { Browser } from "playwright-core";
import { LLLMError } from "../errors.ts";
import { NetPolicy, NetRefusal, parseNetEntry, portOf } from "../net/mod.ts";
import { currentRun } from "../run/mod.ts";
import { joinSignals, outsideRun } from "../util/mod.ts";
import { launchChromium } from "./_launch_chromium.ts";
import { startSocksProxy } from "./_socks_proxy.ts";
import { isOpening } from "./_tab.ts";
import { type BlockedRequest, BrowserComputer } from "./browser_computer.ts";
import { type BrowserDialog, decideDialog, type DialogDecision } from "./browser_dialog.ts";

/** Options of {@linkcode openBrowserComputer}. */
export interface BrowserComputerOptions {
  /**
   * The hosts that the browser may reach: `host` (ports 80 and 443) or `host:port`, exact, in lower case. A name at a private address
   * is refused unless the address is listed too.
   */
  allowHosts: readonly string[];
  /** The address to begin with. Default: none, the browser is empty. */
  startUrl?: string;
  /** The width of the screen in pixels. Default: 1024. */
  width?: number;
  /** The height of the screen in pixels. Default: 768. */
  height?: number;
  /** Whether there is no window for people to see. Default: `true`. */
  headless?: boolean;
  /** Chromium, or a browser made of it. Default: where it usually is. */
  executablePath?: string;
  /** Whether Chromium isolates its pages from the machine. Default: `true`, but for root, for whom it cannot. */
  chromiumSandbox?: boolean;
  /** How long a page may take to answer to one action. Units: milliseconds. Default: 10,000. */
  timeoutMs?: number;
  /** How long a page may take to load before the screen is shown as it is. Units: milliseconds. Default: 5,000. */
  loadTimeoutMs?: number;
  /** Decides about dialogs. Default: `alert` and `beforeunload` are accepted, `confirm` and `prompt` dismissed. */
  onDialog?: (dialog: BrowserDialog) => DialogDecision | Promise<DialogDecision>;
  /** Hears of requests that are refused. Default: nobody; `computer.blocked` lists them. */
  onBlocked?: (request: BlockedRequest) => void;
  /** Closes the browser when it is aborted. Default: the current run's. */
  signal?: AbortSignal;
}

const MAX_BLOCKED = 1_000;

/**
 * Opens a browser for a model: Chromium, with a fresh profile, reaching listed hosts alone. One browser serves one run, and is closed
 * with it: `await using`.
 *
 * Everything that the browser does over the network goes through a proxy of this program, which resolves names itself and checks the
 * address: pages, frames, redirects, scripts, workers, WebSockets alike. Downloads and service workers are off.
 *
 * Permissions: all of them (`-A`). `playwright-core` starts programs and reads what Deno shows to fully trusted programs alone.
 *
 * @example
 * ```ts ignore
 * import { computerTool, openBrowserComputer } from "@lllm/lllm/computer";
 *
 * await using computer = await openBrowserComputer({ allowHosts: ["example.org"], startUrl: "https://example.org/" });
 * const prompt = new Prompt({ path: "clerk", prompt: "You fill in forms.", functions: [computerTool(computer)] });
 * ```
 *
 * @throws {RangeError} when an entry of `allowHosts` is none, or a size or time is no positive whole number
 * @throws {LLLMError} `config_invalid` when Chromium is not there, or does not start
 * @throws {ComputerFailure} when `startUrl` cannot be opened
 */
export async function openBrowserComputer(options: BrowserComputerOptions): Promise<BrowserComputer> {
  const { allowHosts, startUrl, onDialog = decideDialog, onBlocked } = options;
  const { width = 1024, height = 768, timeoutMs = 10_000, loadTimeoutMs = 5_000 } = options;
  checkOptions(allowHosts, { width, height, timeoutMs, loadTimeoutMs });
  const signal = joinSignals(options.signal, currentRun()?.signal);
  signal?.throwIfAborted();
  const policy = new NetPolicy(allowHosts, { holder: "the browser" });
  const blocked: BlockedRequest[] = [];
  const block = (request: BlockedRequest) => {
    blocked.push(request);
    if (blocked.length > MAX_BLOCKED) blocked.shift();
    onBlocked?.(request);
  };
  const notes: string[] = [];
  const listener = {
    onDialog,
    onNote: (note: string) => void notes.push(note),
  };
  // What is started here belongs to no run: its events come for as long as the browser is open.
  const computer = await outsideRun(async () => {
    const ending = new AbortController();
    let started: Browser | undefined;
    let home: string | undefined;
    const removeHome = async () => {
      if (home !== undefined) await Deno.remove(home, { recursive: true }).catch(() => {});
    };
    try {
      home = await Deno.makeTempDir({ prefix: "lllm-browser-" });
      const proxyPort = startSocksProxy({
        policy,
        signal: ending.signal,
        onRefused: (host, reason) => block({ host, reason }),
      });
      const browser = started = await launchChromium({
        executablePath: options.executablePath,
        headless: options.headless ?? true,
        chromiumSandbox: options.chromiumSandbox ?? !isRoot(),
        proxyPort,
        home,
      });
      let closing: Promise<void> | undefined;
      const close = () =>
        closing ??= (async () => {
          signal?.removeEventListener("abort", onAbort);
          ending.abort();
          await browser.close().catch(() => {}); // it is gone already
          await removeHome();
        })();
      const onAbort = () => void close();
      signal?.addEventListener("abort", onAbort, { once: true });
      browser.on("disconnected", onAbort);
      const context = await browser.newContext({
        viewport: { width, height },
        acceptDownloads: false,
        serviceWorkers: "block",
      });
      context.on("requestfailed", (request) => {
        const reason = refusalOf(policy, request.url());
        if (reason === undefined) return;
        const url = new URL(request.url());
        const host = `${url.hostname}:${portOf(url)}`;
        const kind = request.resourceType();
        if (isOpening(request)) listener.onNote(`The page could not be opened. ${reason}`);
        const known = blocked.findIndex((entry) => entry.host === host && entry.url === undefined);
        // The proxy has told of it, or the browser has not even asked it again.
        if (known >= 0) blocked[known] = { ...blocked[known]!, url: url.href, kind };
        else block({ host, reason, url: url.href, kind });
      });
      return new BrowserComputer({
        browser,
        context,
        width,
        height,
        timeoutMs,
        loadTimeoutMs,
        listener,
        refusalOf: (url) => refusalOf(policy, url),
        blocked,
        takeNotes: () => [...new Set(notes.splice(0))],
        close,
        closed: ending.signal,
      });
    } catch (error) {
      ending.abort();
      await started?.close().catch(() => {});
      await removeHome();
      throw missingPermission(error) ?? error;
    }
  });
  try {
    signal?.throwIfAborted();
    if (startUrl !== undefined) {
      await computer.goto(startUrl, signal === undefined ? {} : { signal });
    }
  } catch (error) {
    await computer.close();
    throw error;
  }
  return computer;
}

function refusalOf(policy: NetPolicy, address: string): string | undefined {
  const url = URL.parse(address);
  if (url === null || !/^(?:https?|wss?):$/.test(url.protocol)) return undefined;
  url.protocol = url.protocol.replace("ws", "http");
  url.username = url.password = ""; // these change nothing about where it goes
  try {
    policy.checkUrl(url);
    return undefined;
  } catch (error) {
    if (error instanceof NetRefusal) return error.message;
    throw error;
  }
}

function checkOptions(allowHosts: readonly string[], numbers: Record<string, number>): void {
  for (const entry of allowHosts) {
    if (parseNetEntry(entry) !== null) continue;
    throw new RangeError(
      `Cannot open a browser: expected host or host:port in allowHosts, found ${JSON.stringify(entry)}`,
    );
  }
  for (const [name, value] of Object.entries(numbers)) {
    if (Number.isInteger(value) && value > 0) continue;
    throw new RangeError(
      `Cannot open a browser: expected ${name} to be a whole number from 1, found ${value}`,
    );
  }
}

/** Deno lets fully trusted programs alone read some of what the driver of the browser looks at. */
function missingPermission(error: unknown): LLLMError | undefined {
  if (!(error instanceof Deno.errors.NotCapable)) return undefined;
  const found = error.message.split(",")[0];
  return new LLLMError(`Cannot open a browser: expected all permissions (-A), found one missing: ${found}`, {
    code: "config_invalid",
    cause: error,
  });
}

function isRoot(): boolean {
  return Deno.build.os !== "windows" && Deno.uid() === 0;
}

import type { Browser, BrowserContext, Page } from "playwright-core";
import type { ImagePart } from "../message/mod.ts";
import { joinSignals, raceAbort } from "../util/mod.ts";
import { checkAction, doAction, WAIT_MS } from "./_do_action.ts";
import { Tab, type TabListener } from "./_tab.ts";
import type { ComputerAction } from "./action.ts";
import { type Computer, type ComputerActOptions, ComputerFailure } from "./computer.ts";

/** A request of the browser that was refused, because its host is not listed or is at an address that must be. */
export interface BlockedRequest {
  /** `host:port`. */
  readonly host: string;
  /** Why. */
  readonly reason: string;
  /** The address, where the browser says which one it asked for. */
  readonly url?: string;
  /** What it was to be: a `document`, an `image`, a `fetch` …, where the browser says so. */
  readonly kind?: string;
}

/** What a browser computer is made of. */
export interface BrowserParts {
  readonly browser: Browser;
  readonly context: BrowserContext;
  readonly width: number;
  readonly height: number;
  readonly timeoutMs: number;
  readonly loadTimeoutMs: number;
  readonly listener: TabListener;
  /** Tells why an address is not to be opened; undefined if it may be. */
  readonly refusalOf: (url: string) => string | undefined;
  /** Grows while the browser is open. */
  readonly blocked: readonly BlockedRequest[];
  /** Takes what happened since it was last asked. */
  readonly takeNotes: () => string[];
  /** Ends everything that was started, once. */
  readonly close: () => Promise<void>;
  /** Aborted when it is closed. */
  readonly closed: AbortSignal;
}

/** Windows that pages may have open at once. */
const MAX_TABS = 8;

/**
 * A browser whose pages a model uses: one window is on the screen, the newest; when it closes the one before it is. Made by
 * `openBrowserComputer()`.
 */
export class BrowserComputer implements Computer, AsyncDisposable {
  /** What runs on it. */
  readonly environment = "browser" as const;
  /** The width of the screen. Units: pixels. */
  readonly width: number;
  /** The height of the screen. Units: pixels. */
  readonly height: number;
  readonly #parts: BrowserParts;
  readonly #tabs: Tab[] = [];
  /** Where the browser goes when a page is lost. */
  #home = "about:blank";

  /** Takes over a browser that was started. */
  constructor(parts: BrowserParts) {
    this.#parts = parts;
    this.width = parts.width;
    this.height = parts.height;
    parts.context.on("page", (page) => this.#show(page));
  }

  /** The address of the page on the screen. */
  get currentUrl(): string {
    return this.#tabs.at(-1)?.page.url() ?? "about:blank";
  }

  /** The requests that were refused, oldest first; at most 1,000. */
  get blocked(): readonly BlockedRequest[] {
    return this.#parts.blocked;
  }

  /** Gives what happened since it was last asked and is not on the screen. */
  takeNotes(): string[] {
    return this.#parts.takeNotes();
  }

  /**
   * Opens an address in the window on the screen; the first one is where the browser goes back to when a page is lost.
   *
   * @throws {ComputerFailure} when it is not http or https, its host is not listed, or there is no page within the time
   */
  async goto(url: string, options: ComputerActOptions = {}): Promise<void> {
    await this.act({ type: "goto", url }, options);
    if (this.#home === "about:blank") this.#home = url;
  }

  /** Does one thing, and waits until its effect can be seen. */
  async act(action: ComputerAction, options: ComputerActOptions = {}): Promise<void> {
    checkAction(action, this);
    const { timeoutMs, loadTimeoutMs } = this.#parts;
    if (action.type === "goto") return await this.#open(action.url, options.signal);
    const tab = await this.#tab(options.signal);
    const limit = action.type === "wait" ? timeoutMs + WAIT_MS : timeoutMs;
    await this.#within(tab, action.type, limit, options.signal, () => doAction(tab.page, action));
    if (action.type === "screenshot") return;
    await this.#unlessEnded(this.#tabs.at(-1)!.settle(loadTimeoutMs), options.signal);
  }

  /** Gives the window as a PNG. */
  async screenshot(options: ComputerActOptions = {}): Promise<ImagePart> {
    const tab = await this.#tab(options.signal);
    const { timeoutMs } = this.#parts;
    const data = await this.#within(
      tab,
      "take a screenshot",
      timeoutMs,
      options.signal,
      () => tab.capture(timeoutMs),
    );
    return { type: "image", mediaType: "image/png", data };
  }

  /** Ends the browser and everything that was started for it. */
  async close(): Promise<void> {
    await this.#parts.close();
  }

  /** The same as {@linkcode BrowserComputer.close}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #open(address: string, signal: AbortSignal | undefined): Promise<void> {
    const url = URL.parse(address);
    if (url === null || !["http:", "https:"].includes(url.protocol)) {
      throw new ComputerFailure(`Cannot open "${address}": expected an address with http or https`);
    }
    const refusal = this.#parts.refusalOf(url.href);
    if (refusal !== undefined) throw new ComputerFailure(`Cannot open "${address}". ${refusal}`);
    const tab = await this.#tab(signal);
    const { loadTimeoutMs: timeout, timeoutMs } = this.#parts;
    await this.#within(tab, `open "${address}"`, timeout + timeoutMs, signal, async () => {
      try {
        await tab.page.goto(url.href, { waitUntil: "domcontentloaded", timeout });
      } catch (error) {
        // The page that tells of an earlier failure came late, or the new one leads on at once: it goes on all the same.
        if (error instanceof Error && error.message.includes("is interrupted by another navigation")) return;
        await tab.settle(1_000); // the page that tells of this failure
        throw error;
      }
    });
    await this.#unlessEnded(tab.settle(timeout), signal);
  }

  /** The window on the screen; one that is lost is replaced, which the caller is told instead. */
  async #tab(signal: AbortSignal | undefined): Promise<Tab> {
    const tab = this.#tabs.at(-1);
    if (tab === undefined) return await this.#openTab(signal);
    if (!tab.crashed) return tab;
    await this.#replace(tab, signal);
    throw new ComputerFailure(`The page crashed. ${this.#whereNow()}`);
  }

  #whereNow(): string {
    return `The screen now shows ${this.currentUrl}; nothing else was done`;
  }

  async #openTab(signal: AbortSignal | undefined): Promise<Tab> {
    const page = await this.#unlessEnded(this.#parts.context.newPage(), signal);
    return this.#tabs.find((tab) => tab.page === page) ?? this.#show(page);
  }

  /** Closes a window that is lost, and shows the one before it, else the address that the browser began with. */
  async #replace(tab: Tab, signal: AbortSignal | undefined): Promise<void> {
    this.#forget(tab);
    const closing = tab.page.close().catch(() => {}); // it may be past answering
    const patience = new Promise((resolve) => setTimeout(resolve, 1_000));
    await this.#unlessEnded(Promise.race([closing, patience]), signal);
    if (this.#tabs.length > 0) return;
    const fresh = await this.#openTab(signal);
    if (this.#home === "about:blank") return;
    const { loadTimeoutMs: timeout } = this.#parts;
    const opening = fresh.page.goto(this.#home, { waitUntil: "domcontentloaded", timeout }).catch(() => {});
    await this.#unlessEnded(opening, signal);
  }

  #show(page: Page): Tab {
    const tab = new Tab(page, this.#parts.listener);
    if (this.#tabs.length >= MAX_TABS) {
      this.#parts.listener.onNote(`The page opened more than ${MAX_TABS} windows; the newest was closed`);
      page.close().catch(() => {});
      return tab;
    }
    if (this.#tabs.length > 0) {
      this.#parts.listener.onNote("The page opened a new window, which is now on the screen");
    }
    this.#tabs.push(tab);
    page.on("close", () => this.#forget(tab));
    tab.onUnopened = () => this.#dropUnopened(tab);
    tab.checkOpened();
    return tab;
  }

  /** A window that a page could not open does not take the place of that page. */
  #dropUnopened(tab: Tab): void {
    if (this.#tabs.length < 2) return;
    this.#forget(tab);
    this.#parts.listener.onNote(
      "The page could not open a new window; the screen shows the window before it",
    );
    tab.page.close().catch(() => {});
  }

  #forget(tab: Tab): void {
    const index = this.#tabs.indexOf(tab);
    if (index >= 0) this.#tabs.splice(index, 1);
  }

  /** Does something in a page that may be busy for good, or crash of it. */
  async #within<T>(
    tab: Tab,
    what: string,
    timeoutMs: number,
    signal: AbortSignal | undefined,
    work: () => Promise<T>,
  ): Promise<T> {
    const { promise: lost, reject } = Promise.withResolvers<never>();
    const onCrash = () => reject(new PageLost("it crashed"));
    tab.page.on("crash", onCrash);
    const timer = setTimeout(
      () => reject(new PageLost(`it did not answer within ${timeoutMs} ms`)),
      timeoutMs + 500,
    );
    try {
      return await this.#unlessEnded(Promise.race([work(), lost]), signal);
    } catch (error) {
      if (error instanceof ComputerFailure || signal?.aborted) throw error;
      const isStuck = error instanceof Error && error.name === "TimeoutError" && !what.startsWith("open");
      if (error instanceof PageLost || isStuck) {
        await this.#replace(tab, signal);
        const reason = error instanceof PageLost ? error.message : `it did not answer within ${timeoutMs} ms`;
        throw new ComputerFailure(
          `Cannot ${what}: the page was lost, since ${reason}. ${this.#whereNow()}`,
          { cause: error },
        );
      }
      if (tab.page.isClosed()) return undefined as T; // what was done closed the window
      throw new ComputerFailure(`Cannot ${what}: ${reasonOf(error)}`, { cause: error });
    } finally {
      clearTimeout(timer);
      tab.page.off("crash", onCrash);
      lost.catch(() => {});
    }
  }

  /** Waits for something, but not beyond the end of the browser, or an abort. */
  async #unlessEnded<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    const { closed } = this.#parts;
    try {
      return await raceAbort(work, joinSignals(signal, closed));
    } catch (error) {
      signal?.throwIfAborted();
      if (closed.aborted) throw new ComputerFailure("The browser was closed", { cause: error });
      throw error;
    }
  }
}

/** A page that is not to be had any more. */
class PageLost extends Error {}

/** What the browser says, in its first line, without the name of the method. */
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split("\n")[0]!.replace(/^[a-zA-Z]+\.[a-zA-Z]+: /, "").slice(0, 300);
}

/**
 * The harness of cells. It has a realm of its own, whose built-in functions no cell can reach, and stands between the
 * cells' realm, from which it takes values of any kind, and the worker, to which it gives strings and numbers.
 *
 * What may run the cell's code is done as a job: the worker runs `run()` under the time limit.
 *
 * @module
 */
import { paramsJson } from "./api_params.ts";
import { createConsole } from "./console.ts";
import { bundleOf, ownBundle } from "./display.ts";
import { setTrace } from "./errors.ts";
import { inspect, setDescriber } from "./inspect.ts";
import { createRequests, type Requests } from "./requests.ts";
import { STACK_FRAMES } from "./stack_frames.ts";
import { describeThrown } from "./thrown.ts";

/** What the worker does for the harness. Strings and numbers pass, nothing else. */
export interface Host extends WebText {
  write(stream: "stdout" | "stderr", text: string): void;
  display(json: string): void;
  /** Calls an API and waits: `0` and the answer's JSON; `1` and the error message; `2`: the cell is about to be ended. */
  call(path: string, paramsJson: string): string;
  /** Makes the network request that some JSON tells of, and waits; gives what `call` gives. */
  fetch(requestJson: string): string;
  startTimer(ms: number, repeats: boolean): number;
  stopTimer(id: number): void;
  now(): number;
  random(bytes: number): string;
  /** The frames of a stack that are the cells' own, in the cells' own positions. */
  trace(stack: string): string;
  /** The name at the first of such frames if it stands alone; else empty. */
  assignedName(trace: string): string;
  /** The cell's code has come to its end. */
  settled(cell: number): void;
}

/** Texts in the web's forms, as the worker knows them. */
export interface WebText {
  /** The JSON of a URL's parts; empty: it is none. */
  parseUrl(url: string, base: string | null): string;
  /** The JSON of the parts of a URL of which one was set; empty: then it is none. */
  changeUrl(url: string, part: string, value: string): string;
  /** The JSON of a query's pairs. */
  parseQuery(query: string): string;
  /** UTF-8 in base64. */
  encodeText(text: string): string;
  /** `0` and the text; `1`: the bytes are no text. */
  decodeText(base64: string, encoding: string, isFatal: boolean, keepsMark: boolean): string;
  /** The name of an encoding that may be called by another one; empty: there is none. */
  encodingName(label: string): string;
}

/** How a name is declared. */
export type DeclarationKind = "function" | "var" | "fresh var" | "lexical";

/** What the harness asks of the cells' realm. */
export interface CellRealm {
  declare(name: string, kind: DeclarationKind): void;
  /** Takes away names whose declarations were not reached. */
  forget(): void;
  fireTimer(id: number): void;
  clearTimers(): void;
  readonly makeConstant: (...names: string[]) => void;
  readonly importModule: () => Promise<never>;
  /** The JSON of what is shown of an object whose state is private; empty: it is none of the realm's own. */
  describeHelper(object: object): string;
}

/** The parts of a compiled cell: functions of the cells' realm. */
export interface CellParts {
  readonly functions: ((...helpers: unknown[]) => void) | null;
  readonly body: (...helpers: unknown[]) => Promise<unknown>;
}

/** What the functions that cells see are made of. None of them throws on purpose. */
export interface CellSide extends WebText, Omit<Requests, "takeText"> {
  print(method: string, args: readonly unknown[]): void;
  display(value: unknown): void;
  /** Whether it is a call. Its parameters' JSON is taken by `takeText`, or what is wrong with it. */
  checkCall(path: unknown, params: unknown): boolean;
  /** 0: an answer; 2: an error; 3: the cell is about to be ended. Its text is taken by `takeText`, as is that of a request. */
  call(path: string, json: string): number;
  takeText(): string;
  startTimer(ms: unknown, repeats: boolean): number;
  stopTimer(id: unknown): void;
  now(): number;
  random(bytes: number): string;
  trace(stack: string): string;
}

/** What the worker asks of the harness. */
export interface Harness {
  readonly cellSide: CellSide;
  connect(realm: CellRealm): void;
  /** Makes ready to start a cell; `declarations`: JSON of names and kinds. */
  prepareStart(cell: number, declarations: string, parts: CellParts): void;
  prepareReport(): void;
  prepareTimer(id: number): void;
  prepareRejection(reason: unknown): void;
  /** Does what was made ready. */
  run(): void;
  /** The JSON of the last report. */
  takeReport(): string;
  /** Ends the cell: what its code still does has no effect. */
  end(): void;
}

const MAX_PATH_CHARS = 4096;

/** Creates the harness. `maxChars`: most characters of a text that are of use. */
export function createHarness(host: Host, maxChars: number): Harness {
  let realm: CellRealm;
  let job: (() => void) | null = null;
  let current = 0;
  let outcome: { readonly value: unknown } | { readonly thrown: unknown } | null = null;
  let report = "{}";
  let text = "";
  const print = createConsole(host.write, host.now, maxChars);
  const requests = createRequests(host.fetch);
  const then = Promise.prototype.then;
  setTrace(host.trace, host.assignedName);

  function settle(cell: number, result: typeof outcome): void {
    if (cell !== current || outcome !== null) return;
    outcome = result;
    host.settled(cell);
  }

  function start(cell: number, declarations: string, { functions, body }: CellParts): void {
    try {
      for (const [name, kind] of JSON.parse(declarations)) realm.declare(name, kind);
      const { makeConstant, importModule } = realm;
      functions?.(makeConstant, importModule);
      const promise = body(makeConstant, importModule);
      // `then` would ask it, by way of the cells' realm, which class of promise to make.
      Reflect.defineProperty(promise, "constructor", { value: undefined });
      Reflect.apply(then, promise, [
        (value: unknown) => settle(cell, { value }),
        (thrown: unknown) => settle(cell, { thrown }),
      ]);
    } catch (thrown) {
      settle(cell, { thrown });
    }
  }

  function makeReport(): void {
    if (outcome === null) return;
    if ("thrown" in outcome) {
      report = JSON.stringify({ error: describeThrown(outcome.thrown, maxChars) });
    } else if (outcome.value !== undefined) {
      const bundle = ownBundle(outcome.value);
      if (bundle !== null) host.display(bundle);
      report = JSON.stringify({ value: inspect(outcome.value, maxChars).slice(0, maxChars + 1) });
    }
  }

  function reportUncaught(prefix: string, thrown: unknown): void {
    const { name, traceback } = describeThrown(thrown, maxChars);
    host.write("stderr", name === "Uncaught" ? traceback : `${prefix}${traceback}`);
  }

  function checkCall(path: unknown, params: unknown): boolean {
    if (typeof path !== "string" || path.length > MAX_PATH_CHARS) {
      text = `CALL_API path must be a string of at most ${MAX_PATH_CHARS} characters`;
      return false;
    }
    try {
      text = paramsJson(params);
      return true;
    } catch (error) {
      text = error instanceof TypeError ? error.message : "CALL_API parameters cannot be read";
      return false;
    }
  }

  function call(path: string, json: string): number {
    if (typeof path !== "string" || typeof json !== "string") return 3;
    const answer = host.call(path, json);
    text = answer.slice(1);
    return answer[0] === "0" ? 0 : answer[0] === "1" ? 2 : 3;
  }

  return {
    cellSide: {
      print,
      display: (value) => host.display(bundleOf(value, maxChars)),
      checkCall,
      call,
      takeText: () => text,
      startTimer: (ms, repeats) => host.startTimer(typeof ms === "number" && ms >= 1 ? ms : 0, repeats),
      stopTimer: (id) => typeof id === "number" ? host.stopTimer(id) : undefined,
      now: host.now,
      random: host.random,
      trace: (stack) => typeof stack === "string" ? host.trace(stack) : "",
      openRequest: requests.openRequest,
      addHeader: requests.addHeader,
      takeBody: requests.takeBody,
      sendRequest(body) {
        const kind = requests.sendRequest(body);
        text = requests.takeText();
        return kind;
      },
      parseUrl: host.parseUrl,
      changeUrl: host.changeUrl,
      parseQuery: host.parseQuery,
      encodeText: host.encodeText,
      decodeText: host.decodeText,
      encodingName: host.encodingName,
    },
    connect(given) {
      realm = given;
      setDescriber(given.describeHelper);
    },
    prepareStart(cell, declarations, parts) {
      current = cell;
      outcome = null;
      report = "{}";
      job = () => start(cell, declarations, parts);
    },
    prepareReport: () => job = makeReport,
    prepareTimer(id) {
      job = () => {
        try {
          realm.fireTimer(id);
        } catch (thrown) {
          reportUncaught("Uncaught ", thrown);
        }
      };
    },
    prepareRejection: (reason) => job = () => reportUncaught("Uncaught (in promise) ", reason),
    run() {
      const next = job;
      job = null;
      if (next !== null) runBelow(STACK_FRAMES, next);
    },
    takeReport: () => report,
    end() {
      current = 0;
      outcome = null;
      realm.clearTimers();
      realm.forget();
    },
  };
}

/** Runs a job below so many frames of this function. */
function runBelow(frames: number, job: () => void): void {
  if (frames > 0) runBelow(frames - 1, job);
  else job();
}

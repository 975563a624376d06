import { outsideRun } from "../util/mod.ts";

type Module = Record<string, unknown>;

interface Request {
  readonly url: string;
  readonly resolve: (module: Module) => void;
  readonly reject: (error: unknown) => void;
}

/** Below this number it does not pay. */
const FEWEST = 4;

let waiting: Request[] = [];

/**
 * Imports a module. Those that are asked for in one turn are imported by one module that names them all: Deno 2.9.6 makes
 * a graph for each dynamic import, and 200 of them take two and a half times as long as one.
 */
export function importTogether(url: string): Promise<Module> {
  const { promise, resolve, reject } = Promise.withResolvers<Module>();
  waiting.push({ url, resolve, reject });
  if (waiting.length === 1) queueMicrotask(importWaiting);
  return promise;
}

function importWaiting(): void {
  const requests = waiting;
  waiting = [];
  outsideRun(async () => {
    const modules = requests.length < FEWEST ? undefined : await importAll(requests).catch(() => undefined);
    for (const [index, { url, resolve, reject }] of requests.entries()) {
      // If one fails, each tells for itself; what has run already does not run again.
      if (modules === undefined) import(url).then(resolve, reject);
      else resolve(modules[index]!);
    }
  });
}

async function importAll(requests: readonly Request[]): Promise<readonly Module[]> {
  const imports = requests.map(({ url }, index) => `import * as m${index} from ${JSON.stringify(url)};`);
  const names = requests.map((_, index) => `m${index}`);
  const code = `${imports.join("\n")}\nexport default [${names.join()}];\n`;
  const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
  try {
    return (await import(url)).default;
  } finally {
    URL.revokeObjectURL(url);
  }
}

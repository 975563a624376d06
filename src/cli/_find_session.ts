import { LLLMError } from "../errors.ts";
import type { LogStore } from "../log/mod.ts";
import type { SessionRecord } from "../session/mod.ts";
import { nearest } from "../util/mod.ts";
import { UsageError } from "./_usage_error.ts";

const PAGE = 1_000;
/** Among more sessions a part of an id is not looked for. */
const MAX_PAGES = 50;

/** Finds the id of a session that the command line names: by its id, which is taken as it is, the beginning or end of that, or `last`. */
export async function findSession(store: LogStore, wanted: string): Promise<string> {
  if (/^\d{8}_\d{6}_[0-9a-f]{8}$/.test(wanted)) return wanted;
  const found = wanted === "last"
    ? (await store.listSessions({ limit: 1 })).map(({ id }) => id)
    : wanted === ""
    ? []
    : await findPart(store, wanted);
  if (found.length === 1) return found[0]!;
  if (found.length === 0) throw notFound(wanted);
  const shown = `${found.slice(0, 3).join(", ")}${found.length > 3 ? ", …" : ""}`;
  throw new UsageError(
    `Cannot find session "${wanted}": expected one whose id begins or ends so, found ${shown}`,
  );
}

function notFound(wanted: string): LLLMError {
  const [expected, hint] = wanted === "last"
    ? ["a session in the log", "; lllm run writes them"]
    : ["the id of a session, a part of one, or last", ""];
  return new LLLMError(`Cannot find session "${wanted}": expected ${expected}, found none${hint}`, {
    code: "session_not_found",
    data: { id: wanted },
  });
}

async function findPart(store: LogStore, part: string): Promise<string[]> {
  const found: string[] = [];
  let cursor: string | undefined;
  for (let pages = 0; pages < MAX_PAGES; pages++) {
    const page = await store.listSessions({ limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
    found.push(...page.map(({ id }) => id).filter((id) => id.startsWith(part) || id.endsWith(part)));
    if (found.length > 1 || page.length < PAGE) break;
    cursor = page.at(-1)!.cursor;
  }
  return found;
}

/** Finds a step that the command line names by its path or index; `action` says what for. */
export function findStep(
  record: SessionRecord,
  wanted: string,
  action: string,
): SessionRecord["steps"][number] {
  const { steps } = record;
  const step = steps.find(({ index, path }) => path === wanted || String(index) === wanted);
  if (step !== undefined) return step;
  const [near] = nearest(wanted, steps.map(({ path }) => path));
  const hint = near === undefined ? "" : `; did you mean "${near}"?`;
  const found = steps.length === 0
    ? "a session without steps"
    : /^\d+$/.test(wanted)
    ? `indexes from 0 to ${steps.length - 1}`
    : "none such";
  throw new UsageError(
    `Cannot ${action} step "${wanted}": expected the path or index of a step, found ${found}${hint}; ` +
      "lllm log show lists them",
  );
}

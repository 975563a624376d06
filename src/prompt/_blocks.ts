/** Finds the contents of `<tag>…</tag>`, in order, verbatim. The opening tag may have attributes. */
export function findXmlBlocks(text: string, tag: string): string[] {
  const blocks: string[] = [];
  const opening = new RegExp(`<${escapeRegExp(tag)}(?:\\s[^<>]*)?>`, "g");
  const closing = `</${tag}>`;
  for (let match = opening.exec(text); match !== null; match = opening.exec(text)) {
    const end = text.indexOf(closing, opening.lastIndex);
    if (end === -1) break;
    blocks.push(text.slice(opening.lastIndex, end));
    opening.lastIndex = end + closing.length;
  }
  return blocks;
}

/** A fenced block of Markdown. */
export interface Fence {
  /** The first word after the opening fence; empty if there is none. */
  readonly language: string;
  /** What is between the fences, trimmed. */
  readonly content: string;
}

/** Finds the fenced blocks of a text, in order. One that is not closed is left out: the text was cut. */
export function findFences(text: string): Fence[] {
  const fences: Fence[] = [];
  let open: { mark: string; language: string; lines: string[] } | undefined;
  for (const line of text.split(/\r?\n/)) {
    if (open === undefined) {
      const inline = /^\s*```([^\s`]+)[ \t]([^`]*)```\s*$/.exec(line);
      if (inline !== null) fences.push({ language: inline[1]!, content: inline[2]!.trim() });
      else open = openingFence(line);
      continue;
    }
    const rest = closingFence(line, open.mark);
    if (rest === undefined) {
      open.lines.push(line);
    } else {
      fences.push({ language: open.language, content: [...open.lines, rest].join("\n").trim() });
      open = undefined;
    }
  }
  return fences;
}

/** A fence opens at the start of a line, or (of backticks) after words if a language follows it. */
function openingFence(line: string) {
  const char = line.trimStart().startsWith("~") ? "~" : "`";
  const start = line.indexOf(char);
  if (start === -1) return undefined;
  let end = start;
  while (line[end] === char) end++;
  const rest = line.slice(end);
  if (end - start < 3 || rest.includes("`")) return undefined;
  const language = rest.trim().split(/\s/, 1)[0]!;
  if (line.slice(0, start).trim() !== "" && language === "") return undefined;
  return { mark: line.slice(start, end), language, lines: [] as string[] };
}

/** Gives what stands before a closing fence in its line, or nothing if the line closes none. */
function closingFence(line: string, mark: string): string | undefined {
  const trimmed = line.trimEnd();
  const char = mark[0]!;
  let start = trimmed.length;
  while (start > 0 && trimmed[start - 1] === char) start--;
  if (trimmed.length - start < mark.length) return undefined;
  const before = trimmed.slice(0, start);
  return before.includes(mark) ? undefined : before;
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\\/-]/g, "\\$&");
}

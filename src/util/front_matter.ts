/** A text in two parts: the YAML between `---` lines at its beginning, and what follows. */
export interface FrontMatter {
  /** Without the lines around it; `null` where there is none. */
  readonly yaml: string | null;
  /** Without the blank lines that follow the front matter. */
  readonly body: string;
}

const FRONT_MATTER = /^\uFEFF?---[ \t]*\r?\n(?:([\s\S]*?)\r?\n)?(?:---|\.\.\.)[ \t]*(?:\r?\n|$)/;

/** Takes a text apart that may begin with front matter. */
export function splitFrontMatter(text: string): FrontMatter {
  const match = FRONT_MATTER.exec(text);
  if (match === null) return { yaml: null, body: text.replace(/^\uFEFF/, "") };
  return { yaml: match[1] ?? "", body: text.slice(match[0].length).replace(/^(?:[ \t]*\r?\n)+/, "") };
}

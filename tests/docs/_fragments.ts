/** A block of code in a page. */
export interface Fragment {
  /** The line of its fence, from 1. */
  readonly line: number;
  /** What the fence says: the language, then `ignore` or `no_run`. */
  readonly info: readonly string[];
  /** The code. */
  readonly code: string;
}

/** Finds the blocks of code in a page of Markdown, in their order. */
export function findFragments(markdown: string): Fragment[] {
  const fragments: Fragment[] = [];
  let open: { line: number; info: string[]; lines: string[] } | undefined;
  markdown.split("\n").forEach((text, index) => {
    if (!text.startsWith("```")) open?.lines.push(text);
    else if (open === undefined) {
      open = { line: index + 1, info: text.slice(3).trim().split(/\s+/), lines: [] };
    } else {
      fragments.push({ line: open.line, info: open.info, code: `${open.lines.join("\n")}\n` });
      open = undefined;
    }
  });
  return fragments;
}

/** The file that a fragment says it is, in a comment that is its first line: `// desk/tools/search.ts`, `# desk/lllm.toml`. */
export function findFileName({ code }: Fragment): string | undefined {
  return /^(?:\/\/|#) ([\w./-]+\.\w+)\n/.exec(code)?.[1];
}

/** How a fragment is started: as the comment in its first line says (`// deno run --allow-read notes.ts`), else without permissions. */
export function findCommand({ code }: Fragment): string[] {
  const command = /^\/\/ deno (run|test)((?: -\S+)*)/.exec(code);
  const isTest = /^Deno\.test\(/m.test(code);
  const [, verb = isTest ? "test" : "run", flags = ""] = command ?? [];
  return [verb, ...flags.trim().split(" ").filter((flag) => flag !== "")];
}

/** What a fragment says that it prints: the rest of the line after each `// prints`. */
export function findPrinted({ code }: Fragment): string[] {
  return [...code.matchAll(/\/\/ prints (.+)$/gm)].map(([, text]) => text!);
}

import { CONFIG, GITIGNORE, MANIFEST, NOTES, README, SCRIPT } from "./_scaffold_data.ts";
import { MAIN, PROMPT, TACTIC, TEST, TOOL } from "./_scaffold_program.ts";

/** Where a new project gets the library from. */
export interface ScaffoldImports {
  /** The import map: the library, and what the modules use beside it. */
  readonly imports: Readonly<Record<string, string>>;
  /** Folders that take the place of published packages. Default: none. */
  readonly links?: readonly string[];
}

/** Makes the files of a new project, by path. */
export function scaffoldFiles(name: string, source: ScaffoldImports): ReadonlyMap<string, string> {
  const files = {
    ".gitignore": GITIGNORE,
    "README.md": README,
    "assets/notes.json": NOTES,
    [`assets/scripts/${name}.yaml`]: SCRIPT,
    "configs/default.yaml": CONFIG,
    "deno.json": denoJson(source),
    "lllm.toml": MANIFEST,
    "main.ts": MAIN,
    "prompts/helper.ts": PROMPT,
    [`tactics/${name}.ts`]: TACTIC,
    [`tests/${name}_test.ts`]: TEST,
    "tools/search_notes.ts": TOOL,
  };
  return new Map(Object.entries(files).map(([path, text]) => [path, text.replaceAll("__NAME__", name)]));
}

/** Tasks have the flags that they need and no more. */
function denoJson({ imports, links }: ScaffoldImports): string {
  const config = {
    tasks: {
      start: "deno run --allow-read=. main.ts",
      test: "deno test --allow-read=.",
      check: "deno fmt --check && deno lint && deno check",
      lllm: "deno run -A @lllm/lllm/cli",
    },
    imports,
    ...(links === undefined ? {} : { links }),
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}

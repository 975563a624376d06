import { dirname, fromFileUrl, join, normalize } from "@std/path";
import assert from "node:assert/strict";

const ROOT = fromFileUrl(new URL("../../", import.meta.url));
const PAGES = ["README.md", "CHANGELOG.md", ...markdownIn("docs"), ...markdownIn("docs/decisions")];

function markdownIn(folder: string): string[] {
  const names = [...Deno.readDirSync(join(ROOT, folder))].map(({ name }) => name);
  return names.filter((name) => name.endsWith(".md")).sort().map((name) => `${folder}/${name}`);
}

/** The page without its blocks of code. */
function readProse(page: string): string {
  return Deno.readTextFileSync(join(ROOT, page)).replaceAll(/^```[^]*?^```$/gm, "");
}

function findLinks(page: string): string[] {
  return [...readProse(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link!);
}

/** The names by which headings are linked to. */
function findAnchors(page: string): string[] {
  return [...readProse(page).matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading!.toLowerCase().replaceAll(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-")
  );
}

Deno.test("links of the pages lead to files and headings that are there", () => {
  const dead: string[] = [];
  for (const page of PAGES) {
    for (const link of findLinks(page)) {
      if (/^\w+:/.test(link)) continue;
      const [path = "", anchor] = link.split("#");
      const target = path === "" ? page : normalize(join(dirname(page), path));
      const isThere = exists(target) &&
        (anchor === undefined || findAnchors(target).includes(anchor));
      if (!isThere) dead.push(`${page}: ${link}`);
    }
  }
  assert.deepEqual(dead, []);
});

Deno.test("the README leads to every page of docs/", () => {
  const links = new Set(findLinks("README.md"));
  const missing = markdownIn("docs").filter((page) => page !== "docs/conformance.md" && !links.has(page));
  assert.deepEqual(missing, []); // docs/mcp.md leads to docs/conformance.md
});

Deno.test("examples, tests and benchmarks that the pages name are there", () => {
  const missing: string[] = [];
  for (
    const page of PAGES.filter((page) => !page.startsWith("docs/decisions/") && page !== "docs/parity.md")
  ) {
    for (
      const [, path] of readProse(page).matchAll(/`((?:examples|tests|bench|src|docs|sandbox)\/[\w./-]+)`/g)
    ) {
      if (!exists(path!) && !path!.startsWith("tests/cassettes")) missing.push(`${page}: ${path}`);
    }
  }
  assert.deepEqual(missing, []);
});

function exists(path: string): boolean {
  try {
    Deno.statSync(join(ROOT, path));
    return true;
  } catch {
    return false;
  }
}

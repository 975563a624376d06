/** Packages whose manifests must be refused; the archives are sound. */
import type { HostileCase } from "./_hostile_archives.ts";
import { buildZip } from "./_zip_builder.ts";

function files(
  id: string,
  says: string,
  contents: Readonly<Record<string, string | Uint8Array>>,
  code = "package_unsafe",
): HostileCase {
  const entries = Object.entries(contents).map(([name, data]) => ({ name, data }));
  return { id: `manifest: ${id}`, says, code, archive: () => buildZip(entries) };
}

function manifest(id: string, says: string, text: string | Uint8Array, code?: string): HostileCase {
  return files(id, says, { "desk/lllm.toml": text, "desk/tools/t.ts": "export {};" }, code);
}

const named = (name: string) => `[package]\nname = ${name}\n`;
const DESK = named('"desk"');

const PLACES: readonly HostileCase[] = [
  files("none", "expected lllm.toml at its top", { "desk/readme.txt": "" }, "manifest_invalid"),
  files("nothing at all", "expected lllm.toml at its top", {}, "manifest_invalid"),
  files("too deep", 'but at "a/b/lllm.toml"', { "a/b/lllm.toml": DESK }),
  files("in one of two folders", 'but at "a/lllm.toml"', { "a/lllm.toml": DESK, "b/x.txt": "" }),
  files("in both folders", 'but at "a/lllm.toml"', { "a/lllm.toml": DESK, "b/lllm.toml": DESK }),
  files("beside a file", 'but at "a/lllm.toml"', { "a/lllm.toml": DESK, "x.txt": "" }),
  files("two", "it has 2 manifests: lllm.toml, .lllm.toml", { "lllm.toml": DESK, ".lllm.toml": DESK }),
  files("two in a package that came with it", "it has 2 manifests", {
    "lllm.toml": DESK,
    "lllm_packages/a/lllm.toml": DESK,
    "lllm_packages/a/.lllm.toml": DESK,
  }),
];

const NAMES: readonly HostileCase[] = [
  manifest("name that leads up", "its name is none", named('"../evil"')),
  manifest("name that is up", "its name is none", named('".."')),
  manifest("absolute name", "its name is none", named('"/tmp/evil"')),
  manifest("name with a folder", "its name is none", named('"a/b"')),
  manifest("name with a backslash", "its name is none", named("'a\\b'")),
  manifest("name with a drive", "its name is none", named('"C:"')),
  manifest("empty name", "its name is none", named('""')),
  manifest("name with a space", "its name is none", named('"a b"')),
  manifest("hidden name", "its name is none", named('".ssh"')),
  manifest("name that is no text", "as package.name", named("[1]"), "package_unsafe"),
  manifest("name of a device", "is a name that Windows keeps", named('"con"')),
  manifest("name that is not loaded", "begins with _", named('"_desk"')),
  manifest("name with a dot at its end", "ends with a dot", named('"desk."')),
  manifest("name with a wildcard", "has a character that not every system takes", named('"desk*"')),
  manifest("invisible name", "has an invisible character", named('"desk\\u202e"')),
  manifest("name with NUL", "its name is none", named('"desk\\u0000"')),
  manifest("long name", "has a name of more than 255 bytes", named(`"${"n".repeat(300)}"`)),
];

const TEXTS: readonly HostileCase[] = [
  manifest("no TOML", "lllm.toml", "[package\nname", "manifest_invalid"),
  manifest("no UTF-8", "its manifest is no UTF-8", new Uint8Array([0x23, 0xff])),
  manifest("too large", "its manifest has 100027 bytes", `${DESK}# ${"x".repeat(100_000)}\n`),
  manifest("nested without end", "lllm.toml", `x = ${"[".repeat(30_000)}`, "manifest_invalid"),
  manifest("package that is no table", "a table as package", "package = 3", "manifest_invalid"),
  manifest("section that is no table", "a table as tools", `tools = "x"\n${DESK}`, "manifest_invalid"),
  manifest(
    "paths that are no list",
    "a list as tools.paths",
    `${DESK}[tools]\npaths = "x"`,
    "manifest_invalid",
  ),
];

const listing = (path: string, section = "tools") =>
  `${DESK}[${section}]\npaths = [${JSON.stringify(path)}]\n`;
const needing = (path: string) => `${DESK}[dependencies]\npackages = [${JSON.stringify(path)}]\n`;

const LEADING_OUT: readonly HostileCase[] = [
  manifest("absolute folder", '[tools] names "/etc"', listing("/etc")),
  manifest("folder above", '[tools] names "../.."', listing("../..")),
  manifest("all packages", '[tools] names ".."', listing("..")),
  manifest("folder above, hidden", '[assets] names "x/../../../.ssh"', listing("x/../../../.ssh", "assets")),
  manifest("hidden folder beside", '[assets] names "../.staging-1"', listing("../.staging-1", "assets")),
  manifest("folder above, by backslashes", '[tools] names "..', listing("..\\..\\evil")),
  manifest("drive", '[tools] names "C:', listing("C:\\evil")),
  manifest("home", '[assets] names "~/.ssh"', listing("~/.ssh", "assets")),
  manifest("URL", '[tools] names "file:///etc"', listing("file:///etc")),
  manifest("custom section", '[schemas] names "../../x"', listing("../../x", "schemas")),
  manifest(
    "virtual folder above",
    "a virtual folder within the package",
    listing("tools under ../x"),
    "manifest_invalid",
  ),
  manifest("absolute dependency", 'it depends on "/opt/evil"', needing("/opt/evil")),
  manifest("dependency above", 'it depends on "../../evil"', needing("../../evil")),
  manifest("dependency by URL", 'it depends on "https://x.example/a"', needing("https://x.example/a")),
  manifest("dependency in the home folder", 'it depends on "~/evil"', needing("~/evil")),
  manifest(
    "alias that is none",
    "an alias that can stand in keys",
    needing("../a as b/c"),
    "manifest_invalid",
  ),
  files("package that came with it leads out", '[tools] names "../../../x"', {
    "lllm.toml": DESK,
    "lllm_packages/a/lllm.toml": '[package]\nname = "a"\n[tools]\npaths = ["../../../x"]\n',
  }),
  files("package that came with it depends on what is out", 'it depends on "../../../x"', {
    "lllm.toml": DESK,
    "lllm_packages/a/lllm.toml": '[package]\nname = "a"\n[dependencies]\npackages = ["../../../x"]\n',
  }),
  files("part of it leads out", '[assets] names "/etc"', {
    "lllm.toml": needing("parts/a"),
    "parts/a/lllm.toml": '[package]\nname = "a"\n[assets]\npaths = ["/etc"]\n',
  }),
  files("part of a part leads out", '[assets] names "../../../../../../x"', {
    "lllm.toml": needing("parts/a"),
    "parts/a/lllm.toml": '[package]\nname = "a"\n',
    "parts/a/lllm_packages/b/lllm.toml": '[package]\nname = "b"\n[dependencies]\npackages = ["c"]\n',
    "parts/a/lllm_packages/b/c/lllm.toml":
      '[package]\nname = "c"\n[assets]\npaths = ["../../../../../../x"]\n',
  }),
  files("part of it by another manifest leads out", '[assets] names "../../x"', {
    "lllm.toml": needing("parts/other.toml"),
    "parts/other.toml": '[package]\nname = "a"\n[assets]\npaths = ["../../x"]\n',
  }),
  files("package that came with it has no good name", "its name is none", {
    "lllm.toml": DESK,
    "lllm_packages/a/lllm.toml": '[package]\nname = "../a"\n',
  }),
  files("package that came with it is broken", "lllm.toml", {
    "lllm.toml": DESK,
    "lllm_packages/a/lllm.toml": "[",
  }, "manifest_invalid"),
  files("packages in packages", "packages are nested more than 8 deep", {
    "lllm.toml": DESK,
    ...Object.fromEntries(
      Array.from(
        { length: 12 },
        (_, index) => [`${"lllm_packages/a/".repeat(index + 1)}lllm.toml`, named('"a"')],
      ),
    ),
  }),
];

/** All of them. */
export const HOSTILE_MANIFESTS: readonly HostileCase[] = [...PLACES, ...NAMES, ...TEXTS, ...LEADING_OUT];

/** Archives that must be refused: one lie each, all else as it should be. */
import { crc32, deflateRawSync } from "node:zlib";
import { type ArchiveLies, buildZip, type BuiltEntry, bytesOf, concat, numbers } from "./_zip_builder.ts";

/** A package that must be refused. */
export interface HostileCase {
  readonly id: string;
  readonly archive: () => Uint8Array<ArrayBuffer>;
  readonly code: string;
  /** A part of the message: the reason. */
  readonly says: string;
}

const MANIFEST: BuiltEntry = { name: "lllm.toml", data: '[package]\nname = "desk"\n' };

function unsafe(
  id: string,
  says: string,
  entries: readonly BuiltEntry[],
  lies: ArchiveLies = {},
): HostileCase {
  return { id, says, code: "package_unsafe", archive: () => buildZip([MANIFEST, ...entries], lies) };
}

function path(id: string, name: string | Uint8Array, says: string): HostileCase {
  return unsafe(`path: ${id}`, says, [{ name, data: "x" }]);
}

const PATHS: readonly HostileCase[] = [
  path("up", "../evil.txt", 'unsafe path "../evil.txt"'),
  path("up from a folder", "a/../../evil.txt", 'unsafe path "a/../../evil.txt"'),
  path("up and back", "a/../evil.txt", 'unsafe path "a/../evil.txt"'),
  path("up at the end", "a/..", 'unsafe path "a/.."'),
  path("only up", "..", 'unsafe path ".."'),
  path("here", "./evil.txt", 'unsafe path "./evil.txt"'),
  path("here in between", "a/./evil.txt", 'unsafe path "a/./evil.txt"'),
  path("absolute", "/evil.txt", 'unsafe path "/evil.txt"'),
  path("network share", "//server/share/evil.txt", 'unsafe path "//server'),
  path("UNC", "\\\\server\\share\\evil.txt", "unsafe path"),
  path("drive", "C:/evil.txt", 'unsafe path "C:/evil.txt"'),
  path("drive without slash", "C:evil.txt", 'unsafe path "C:evil.txt"'),
  path("backslash", "a\\evil.txt", "unsafe path"),
  path("backslash up", "..\\evil.txt", "unsafe path"),
  path("NUL", "evil.txt\0.md", "unsafe path"),
  path("line break", "evil\n.txt", "unsafe path"),
  path("escape", "evil\x1b[2J.txt", "unsafe path"),
  path("delete", "evil\x7f.txt", "unsafe path"),
  path("empty", "", 'unsafe path ""'),
  path("empty folder", "a//evil.txt", 'unsafe path "a//evil.txt"'),
  path("stream", "evil.txt:hidden", 'unsafe path "evil.txt:hidden"'),
  path("dot at the end", "evil.", '"evil." ends with a dot or a space'),
  path("space at the end", "a /evil.txt", '"a /evil.txt" ends with a dot or a space'),
  path("device", "CON", '"CON" is a name that Windows keeps'),
  path("device with an extension", "nul.txt", '"nul.txt" is a name that Windows keeps'),
  path("device as a folder", "com1/evil.txt", '"com1/evil.txt" is a name that Windows keeps'),
  path("device with a small number", "LPT¹.txt", "is a name that Windows keeps"),
  path("wildcard", "evil*.txt", "has a character that not every system takes"),
  path("pipe", "evil|.txt", "has a character that not every system takes"),
  path("text that turns round", "evil\u202etxt.ts", "has an invisible character"),
  path("no width", "evil\u200b.txt", "has an invisible character"),
  path("long name", "e".repeat(300), "has a name of more than 255 bytes"),
  path("long name in bytes", "é".repeat(200), "has a name of more than 255 bytes"),
  path("long path", `${"folder-of-30-characters-indeed/".repeat(40)}e`, "unsafe path"),
  path("long path in bytes", `${"é".repeat(100)}/`.repeat(6) + "e", "is a path of more than 1024 bytes"),
  path("deep", `${"d/".repeat(40)}e`, "is more than 32 folders deep"),
  path("no UTF-8", new Uint8Array([0x65, 0xff, 0xfe]), "a name in it is no UTF-8"),
];

const KINDS: readonly HostileCase[] = [
  unsafe("kind: symbolic link", '"link" is a symbolic link', [{
    name: "link",
    data: "/etc",
    mode: 0o120777,
  }]),
  unsafe("kind: symbolic link of macOS", '"link" is a symbolic link', [
    { name: "link", data: "../..", mode: 0o120755, system: 19 },
  ]),
  unsafe("kind: link, then a file through it", '"a" is a symbolic link', [
    { name: "a", data: "..", mode: 0o120777 },
    { name: "a/evil.txt", data: "x" },
  ]),
  unsafe("kind: pipe", '"pipe" is neither a file nor a folder', [{ name: "pipe", mode: 0o010644 }]),
  unsafe("kind: character device", '"tty" is neither', [{ name: "tty", mode: 0o020666 }]),
  unsafe("kind: block device", '"sda" is neither', [{ name: "sda", mode: 0o060660 }]),
  unsafe("kind: socket", '"sock" is neither', [{ name: "sock", mode: 0o140755 }]),
  unsafe("kind: folder without a slash", '"a" is neither', [{ name: "a", mode: 0o040755 }]),
  unsafe("kind: folder with content", 'the folder "a/" has content', [{
    name: "a/",
    data: "x",
    mode: 0o040755,
  }]),
];

const TWO_FILES = (a: string, b: string): BuiltEntry[] => [{ name: a, data: "1" }, { name: b, data: "2" }];

const COLLISIONS: readonly HostileCase[] = [
  unsafe("twice: the same", 'it has "a.txt" twice', TWO_FILES("a.txt", "a.txt")),
  unsafe("twice: the manifest", 'it has "lllm.toml" twice', [MANIFEST]),
  unsafe(
    "twice: folder and file",
    'it has "a" twice',
    TWO_FILES("a", "a/").map((entry) => ({ ...entry, data: "" })),
  ),
  unsafe("twice: case", "upper and lower case", TWO_FILES("a.txt", "A.TXT")),
  unsafe("twice: case of a folder", "upper and lower case", TWO_FILES("tools/a.ts", "Tools/b.ts")),
  unsafe("twice: case of the manifest", "upper and lower case", [{ name: "LLLM.toml", data: "" }]),
  unsafe("twice: sharp s", "upper and lower case", TWO_FILES("straße", "STRASSE")),
  unsafe("twice: composition", "how their characters are composed", TWO_FILES("caf\u00e9", "cafe\u0301")),
  unsafe("twice: ligature", "like characters", TWO_FILES("\ufb01le", "file")),
  unsafe("twice: full width", "like characters", TWO_FILES("\uff41.txt", "a.txt")),
  unsafe("twice: a file, then a folder", '"a" is a file and a folder', TWO_FILES("a", "a/b")),
  unsafe("twice: a folder, then a file", '"a" is a file and a folder', TWO_FILES("a/b", "a")),
];

const zeros = new Uint8Array(4 * 1024 * 1024);

const SIZES: readonly HostileCase[] = [
  unsafe("size: more than it says", '"a" unpacks to more than it says', [
    { name: "a", data: "x".repeat(1000), both: { bytes: 10 } },
  ]),
  unsafe("size: something where it says nothing", '"a" unpacks to more than it says', [
    { name: "a", data: "x".repeat(1000), both: { bytes: 0, crc: 0 } },
  ]),
  unsafe("size: less than it says", '"a" unpacks to another size', [{
    name: "a",
    data: "x",
    both: { bytes: 1000 },
  }]),
  unsafe("size: stored, and another", '"a" in it is damaged', [{
    name: "a",
    data: "xy",
    deflate: false,
    both: { bytes: 9 },
  }]),
  unsafe("size: bomb", '"a" unpacks to more than 200 times its size', [{ name: "a", data: zeros }]),
  unsafe("size: bomb that says so", "its files have more than 268435456 bytes", [
    { name: "a", data: "x", both: { bytes: 0xf0000000 } },
  ]),
  unsafe(
    "size: many that are too much together",
    "its files have more than 268435456 bytes",
    Array.from({ length: 300 }, (_, index) => ({ name: `f${index}`, data: "x", both: { bytes: 1_000_000 } })),
  ),
  unsafe(
    "size: too many",
    "it has 20002 entries, more than 20000",
    Array.from({ length: 20_001 }, (_, index) => ({ name: `f${index}`, deflate: false })),
  ),
  unsafe("size: packed beyond the end", '"a" in it is damaged', [{
    name: "a",
    data: "x",
    both: { packedBytes: 5_000_000 },
  }]),
];

const inner = buildZip([{ name: "b", data: "inner", deflate: false }]).slice(0, 36);
const manifestSize = 30 + 9 + deflateRawSync(bytesOf(MANIFEST.data!)).length;
const descriptor = (crc: number, packed: number, bytes: number) =>
  numbers([0x08074b50, 4], [crc, 4], [packed, 4], [bytes, 4]);

const STRUCTURE: readonly HostileCase[] = [
  unsafe("structure: entries that overlap", "overlap", [
    { name: "a", data: inner, deflate: false },
    { name: "b", data: "inner", deflate: false, headerAt: manifestSize + 31 },
  ]),
  unsafe("structure: two names for one content", "has another name in its own header", [
    { name: "a", data: "x" },
    { name: "b", data: "x", headerAt: manifestSize },
  ]),
  unsafe("structure: encrypted", '"a" is encrypted', [{ name: "a", data: "x", both: { flags: 0x801 } }]),
  unsafe("structure: strongly encrypted", '"a" is encrypted', [{
    name: "a",
    data: "x",
    both: { flags: 0x840 },
  }]),
  unsafe("structure: hidden headers", '"a" is encrypted', [{
    name: "a",
    data: "x",
    both: { flags: 0x2800 },
  }]),
  unsafe("structure: patch", '"a" is a patch', [{ name: "a", data: "x", both: { flags: 0x820 } }]),
  unsafe("structure: unknown method", '"a" is packed by the unknown method 99', [{
    name: "a",
    data: "x",
    both: { method: 99 },
  }]),
  unsafe("structure: another method", '"a" is packed by the unknown method 12', [{
    name: "a",
    data: "x",
    both: { method: 12 },
  }]),
  unsafe("structure: checksum", 'the checksum of "a" is wrong', [{ name: "a", data: "x", both: { crc: 1 } }]),
  unsafe("structure: content that is none", '"a" in it is damaged', [
    { name: "a", data: "xyz", packed: new Uint8Array([0xff, 0xff, 0xff]) },
  ]),
  unsafe("structure: another name in its header", '"a" has another name', [{
    name: "a",
    data: "x",
    local: { name: "../b" },
  }]),
  unsafe("structure: another size in its header", '"a" has another size, checksum or method', [
    { name: "a", data: "x", local: { bytes: 2 } },
  ]),
  unsafe("structure: another packed size in its header", '"a" has another size, checksum or method', [
    { name: "a", data: "x", local: { packedBytes: 2 } },
  ]),
  unsafe("structure: another checksum in its header", '"a" has another size, checksum or method', [
    { name: "a", data: "x", local: { crc: 2 } },
  ]),
  unsafe("structure: another method in its header", '"a" has another size, checksum or method', [
    { name: "a", data: "x", local: { method: 0 } },
  ]),
  unsafe("structure: encrypted in its header alone", '"a" has another size, checksum or method', [
    { name: "a", data: "x", local: { flags: 0x801 } },
  ]),
  unsafe(
    "structure: another size behind the content",
    '"a" has another size or checksum behind its content',
    [
      {
        name: "a",
        data: "x",
        both: { flags: 0x808 },
        local: { crc: 0, packedBytes: 0, bytes: 0 },
        descriptor: descriptor(crc32(bytesOf("x")), 3, 9),
      },
    ],
  ),
  unsafe("structure: a second name", '"a" has a second name', [
    {
      name: "a",
      data: "x",
      central: { extra: concat([numbers([0x7075, 2], [6, 2]), bytesOf("\x01\0\0\0\0b")]) },
    },
  ]),
  unsafe("structure: a second name in its header", '"a" has a second name', [
    {
      name: "a",
      data: "x",
      local: { extra: concat([numbers([0x7075, 2], [6, 2]), bytesOf("\x01\0\0\0\0b")]) },
    },
  ]),
  unsafe("structure: sizes of another format", '"a" has the format for files above 4 GB', [
    { name: "a", data: "x", central: { extra: numbers([0x0001, 2], [8, 2], [1, 4], [0, 4]) } },
  ]),
  unsafe("structure: an end of another format", "the format for archives above 4 GB", [], { count: 0xffff }),
  unsafe("structure: a place of another format", "the format for archives above 4 GB", [], {
    directoryAt: 0xffffffff,
  }),
  unsafe("structure: a signpost of another format", "the format for archives above 4 GB", [], {
    beforeEnd: numbers([0x07064b50, 4], [0, 4], [0, 4], [0, 4], [1, 4]),
  }),
  unsafe("structure: several parts", "it has several parts", [], { disk: 1 }),
  unsafe("structure: counts that differ", "it has several parts", [], { countHere: 5 }),
  unsafe("structure: fewer than there are", "more than the 1 entries", [{ name: "a" }], { count: 1 }),
  unsafe("structure: more than there are", "its directory is damaged", [], { count: 2 }),
  unsafe("structure: directory elsewhere", "its directory is damaged", [], { directoryAt: 3 }),
  unsafe("structure: directory of another size", "its directory is damaged", [], { directorySize: 3 }),
  unsafe("structure: something before it", 'something that is no file stands before "lllm.toml"', [], {}),
  unsafe("structure: something between", 'something that is no file stands before "a"', [
    { name: "a", data: "x", before: bytesOf("hidden") },
  ]),
  unsafe(
    "structure: something before the directory",
    "something that is no file stands before its directory",
    [],
    {
      beforeDirectory: bytesOf("hidden"),
    },
  ),
  unsafe("structure: something after it", "something stands after its end", [], { after: bytesOf("hidden") }),
  {
    ...unsafe("structure: cut short", "it is cut short", []),
    archive: () => buildZip([MANIFEST, { name: "a", data: "x" }]).slice(0, -30),
  },
  {
    ...unsafe("structure: no archive", "it is no zip archive", []),
    archive: () => concat([bytesOf("<html>not found</html>".repeat(9))]),
  },
  { ...unsafe("structure: empty", "it is no zip archive", []), archive: () => new Uint8Array(0) },
].map((each) =>
  each.id === "structure: something before it"
    ? { ...each, archive: () => buildZip([{ ...MANIFEST, before: bytesOf("#!/bin/sh\n") }]) }
    : each
);

/** All of them. */
export const HOSTILE_ARCHIVES: readonly HostileCase[] = [
  ...PATHS,
  ...KINDS,
  ...COLLISIONS,
  ...SIZES,
  ...STRUCTURE,
];

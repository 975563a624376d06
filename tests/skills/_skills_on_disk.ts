/** A folder for a test, gone after it. */
export async function withFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.realPath(await Deno.makeTempDir());
  try {
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The text of a `SKILL.md`; what is `undefined` is left out. */
export function skillText(matter: Record<string, unknown>, body = "Do it well."): string {
  const lines = Object.entries(matter).filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}: ${JSON.stringify(value)}`);
  return `---\n${lines.join("\n")}\n---\n\n${body}\n`;
}

/** Writes a skill into `<project>/<place>/<name>/`, with more files by their paths. */
export async function writeSkill(
  project: string,
  name: string,
  options: {
    place?: string;
    matter?: Record<string, unknown>;
    body?: string;
    text?: string;
    files?: Record<string, string>;
  } = {},
): Promise<string> {
  const { place = ".agents/skills", matter = {}, body, text, files = {} } = options;
  const dir = `${project}/${place}/${name}`;
  await Deno.mkdir(dir, { recursive: true });
  await Deno.writeTextFile(
    `${dir}/SKILL.md`,
    text ?? skillText({ name, description: `About ${name}`, ...matter }, body),
  );
  for (const [path, content] of Object.entries(files)) {
    await Deno.mkdir(`${dir}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
    await Deno.writeTextFile(`${dir}/${path}`, content);
  }
  return dir;
}

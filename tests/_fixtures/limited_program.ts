import { fromFileUrl, join } from "@std/path";

const ROOT = fromFileUrl(new URL("../../", import.meta.url));

/** Runs a program that may do what the flags say, and nothing else; what it throws comes as `code message`. */
export async function runLimited(program: string, flags: readonly string[] = []): Promise<string> {
  const folder = await Deno.makeTempDir();
  try {
    const lines = program.replaceAll("FOLDER", folder);
    await Deno.writeTextFile(
      join(folder, "program.ts"),
      `try {\n${lines}\n  console.log("done");\n} catch (error) {\n  console.log(error.code, error.message);\n}\n`,
    );
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--no-prompt",
        "--config",
        join(ROOT, "deno.json"),
        ...flags.map((flag) => flag.replaceAll("FOLDER", folder)),
        join(folder, "program.ts"),
      ],
      env: { NO_COLOR: "1" },
    }).output();
    const text = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    return text.replaceAll(folder, "FOLDER").trim();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

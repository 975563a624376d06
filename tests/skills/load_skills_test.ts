import assert from "node:assert/strict";
import { fromFileUrl } from "@std/path";
import { LLLMError } from "../../src/errors.ts";
import { loadSkills, type LoadSkillsOptions, type Skill, type Warning } from "../../src/skills/mod.ts";
import { withFolder, writeSkill } from "./_skills_on_disk.ts";

/** Loads with the warnings; the user's own skills may be there too, so that tests look for their own names. */
async function load(
  names: readonly string[] | "*",
  options: LoadSkillsOptions,
): Promise<{ skills: Record<string, Skill>; order: string[]; warnings: Warning[] }> {
  const warnings: Warning[] = [];
  const skills = await loadSkills(names, { onWarning: (warning) => warnings.push(warning), ...options });
  return {
    skills: Object.fromEntries(skills.map((skill) => [skill.name, skill])),
    order: skills.map(({ name }) => name),
    warnings,
  };
}

async function failure(names: readonly string[], projectDir: string): Promise<LLLMError> {
  const error = await loadSkills(names, { projectDir }).then(() => null, (error: unknown) => error);
  assert(LLLMError.isInstance(error), String(error));
  assert.equal(error.code, "config_invalid");
  return error;
}

Deno.test("loadSkills() reads a skill with what its front matter says and the files beside it", async () => {
  await withFolder(async (projectDir) => {
    const dir = await writeSkill(projectDir, "pdf-forms", {
      matter: {
        description: "  Fills forms.\nUse it for PDF.  ",
        license: "MIT",
        compatibility: "Needs a reader",
        metadata: { author: "desk" },
        "allowed-tools": "Read Bash(git add:*), Grep",
        "x-own": [1],
      },
      body: "# Forms\n\nRead references/guide.md {first}.",
      files: { "references/guide.md": "g", "scripts/fill.py": "f", "a.txt": "a" },
    });
    const { skills, warnings } = await load(["pdf-forms"], { projectDir });
    assert.deepEqual(skills["pdf-forms"], {
      name: "pdf-forms",
      description: "Fills forms.\nUse it for PDF.",
      body: "# Forms\n\nRead references/guide.md {first}.",
      dir,
      resources: ["a.txt", "references/guide.md", "scripts/fill.py"],
      allowedTools: ["Read", "Bash(git add:*)", "Grep"],
    });
    assert.deepEqual(warnings, []);
  });
});

Deno.test("loadSkills() looks in .agents, then in .claude; the first folder with a SKILL.md wins", async () => {
  await withFolder(async (projectDir) => {
    await writeSkill(projectDir, "both", { body: "agents" });
    await writeSkill(projectDir, "both", { place: ".claude/skills", body: "claude" });
    await writeSkill(projectDir, "later", { place: ".claude/skills", body: "claude" });
    await Deno.mkdir(`${projectDir}/.agents/skills/later`);
    const { skills, order } = await load(["later", "both", "later"], { projectDir });
    assert.deepEqual([skills.both!.body, skills.later!.body], ["agents", "claude"]);
    assert.deepEqual(order, ["later", "both"]);
    assert.deepEqual(await loadSkills([], { projectDir }), []);
  });
});

Deno.test('loadSkills() takes every skill for "*", by name, and skips broken ones with file and reason', async () => {
  await withFolder(async (projectDir) => {
    for (const name of ["t-beta", "t-alpha"]) await writeSkill(projectDir, name);
    await writeSkill(projectDir, "t-gamma", { place: ".claude/skills" });
    const broken = await writeSkill(projectDir, "t-broken", { text: "No front matter" });
    await Deno.mkdir(`${projectDir}/.agents/skills/t-empty`);
    await Deno.writeTextFile(`${projectDir}/.agents/skills/notes.md`, "none");
    const { order, warnings } = await load(["t-gamma", "*"], { projectDir });
    assert.deepEqual(order.filter((name) => name.startsWith("t-")), ["t-gamma", "t-alpha", "t-beta"]);
    const [warning] = warnings.filter(({ data }) => data.skill === "t-broken");
    assert.equal(warning?.code, "skill_skipped");
    assert.equal(
      warning.message,
      `Skipped skill ${broken}/SKILL.md: expected front matter between --- lines at its beginning, found none`,
    );
    assert.deepEqual(
      (await load("*", { projectDir })).order.filter((name) => name.startsWith("t-")),
      ["t-alpha", "t-beta", "t-gamma"],
    );
  });
});

Deno.test("loadSkills() refuses a name that is not found, with near names, and one that is no name", async () => {
  await withFolder(async (projectDir) => {
    await writeSkill(projectDir, "pdf");
    await Deno.writeTextFile(`${projectDir}/SKILL.md`, "---\nname: x\ndescription: x\n---\n");
    const error = await failure(["pfd"], projectDir);
    assert.match(
      error.message,
      /^Cannot load skill "pfd": expected a folder of that name with SKILL\.md in /,
    );
    assert.match(error.message, /found none; did you mean "pdf"\?$/);
    assert.deepEqual(error.data.near, ["pdf"]);
    for (const name of ["../..", "..", "", "PDF", "a/b", "pdf/", "a--b", "https://"]) {
      const { message } = await failure([name], projectDir);
      assert.match(message, /^Cannot load skill /, name);
    }
    await Deno.mkdir(`${projectDir}/.claude/skills/draft`, { recursive: true });
    assert.match(
      (await failure(["draft"], projectDir)).message,
      /skills\/draft: .+ SKILL\.md in it, found none$/,
    );
    await Deno.writeTextFile(`${projectDir}/.claude/skills/draft/skill.md`, "");
    assert.match((await failure(["draft"], projectDir)).message, /SKILL\.md in it, found "skill\.md"$/);
    assert.match((await failure(["skill_01abc"], projectDir)).message, /hostedSkillArgs\(\)/);
  });
});

Deno.test("loadSkills() holds front matter to the specification", async () => {
  const cases: [reason: RegExp, matter: Record<string, unknown>][] = [
    [/the name of its folder, "case", as name, found "other"/, { name: "other" }],
    [/a name of 1 to 64 .+, found "Case"/, { name: "Case" }],
    [/a name of 1 to 64 .+, found "-case"/, { name: "-case" }],
    [/a name of 1 to 64 .+, found "a--b"/, { name: "a--b" }],
    [/a name of 1 to 64 .+, found 7, which is a text in quotes alone/, { name: 7 }],
    [/a name of 1 to 64 .+, found none/, { name: undefined }],
    [/a description, found none/, { description: undefined }],
    [/of at most 1024 characters as description, found " {2}"/, { description: "  " }],
    [/of at most 1024 characters as description, found 1025/, { description: "é".repeat(1025) }],
    [/as description, found a list/, { description: ["x"] }],
    [/a text as license, found true/, { license: true }],
    [/of at most 500 characters as compatibility, found 501/, { compatibility: "x".repeat(501) }],
    [/a mapping as metadata, found "x"/, { metadata: "x" }],
    [/as allowed-tools, found a mapping/, { "allowed-tools": { Read: true } }],
  ];
  await withFolder(async (projectDir) => {
    for (const [reason, matter] of cases) {
      await writeSkill(projectDir, "case", { matter });
      const { message } = await failure(["case"], projectDir);
      assert.match(message, /^Cannot load skill .+\/case\/SKILL\.md: expected /);
      assert.match(message, reason);
    }
    await writeSkill(projectDir, "case", {
      matter: { description: "é".repeat(1024), "allowed-tools": ["Read", "Bash(a b)"], license: null },
    });
    const { skills } = await load(["case"], { projectDir });
    assert.deepEqual(skills.case!.allowedTools, ["Read", "Bash(a b)"]);
  });
});

Deno.test("loadSkills() refuses what is no text, no YAML, or too large", async () => {
  await withFolder(async (projectDir) => {
    const dir = await writeSkill(projectDir, "odd", { text: "---\nname: [odd\n---\n" });
    assert.match((await failure(["odd"], projectDir)).message, /expected front matter in YAML, found none/);
    await writeSkill(projectDir, "odd", { text: "---\n- odd\n---\n" });
    assert.match((await failure(["odd"], projectDir)).message, /a mapping as front matter, found a list/);
    await writeSkill(projectDir, "odd", { body: "x".repeat(256 * 1024) });
    assert.match((await failure(["odd"], projectDir)).message, /at most 262144 bytes, found \d+/);
    await Deno.writeFile(`${dir}/SKILL.md`, new Uint8Array([0x2d, 0x2d, 0xff, 0xfe]));
    assert.match((await failure(["odd"], projectDir)).message, /text in UTF-8, found other bytes/);
  });
});

Deno.test("loadSkills() lists no hidden files, nothing that links lead out to, and a limited number", async () => {
  await withFolder(async (folder) => {
    const projectDir = `${folder}/project`;
    await Deno.mkdir(`${folder}/outside`);
    await Deno.writeTextFile(`${folder}/outside/secret.txt`, "s");
    const dir = await writeSkill(projectDir, "links", {
      files: {
        "in.txt": "i",
        ".env": "e",
        ".git/config": "c",
        "node_modules/x/index.js": "x",
        "a/b.txt": "b",
      },
    });
    await Deno.symlink(`${folder}/outside/secret.txt`, `${dir}/out.txt`);
    await Deno.symlink(`${folder}/outside`, `${dir}/out`);
    await Deno.symlink("in.txt", `${dir}/also-in.txt`);
    await Deno.symlink("nowhere", `${dir}/dangling.txt`);
    await Deno.symlink(".", `${dir}/circle`);
    const { skills, warnings } = await load(["links"], { projectDir });
    assert.deepEqual(skills.links!.resources, ["a/b.txt", "also-in.txt", "in.txt"]);
    assert.deepEqual(warnings, []);

    const files = Object.fromEntries(Array.from({ length: 250 }, (_, i) => [`many/${i}.txt`, ""]));
    await writeSkill(projectDir, "many", { files: { ...files, "top.txt": "", "1/2/3/4/5/6/deep.txt": "" } });
    const many = await load(["many"], { projectDir });
    assert.equal(many.skills.many!.resources.length, 200);
    assert(many.skills.many!.resources.includes("top.txt"));
    assert.deepEqual(many.warnings.map(({ code }) => code), ["skill_files_cut"]);
  });
});

Deno.test("loadSkills() follows a link to a skill's folder, but none of its SKILL.md out of the folder", async () => {
  await withFolder(async (folder) => {
    const projectDir = `${folder}/project`;
    const elsewhere = await writeSkill(folder, "shared", { place: "store", files: { "a.txt": "" } });
    await Deno.mkdir(`${projectDir}/.agents/skills`, { recursive: true });
    await Deno.symlink(elsewhere, `${projectDir}/.agents/skills/shared`);
    const { skills } = await load(["shared"], { projectDir });
    assert.equal(skills.shared!.dir, `${projectDir}/.agents/skills/shared`);
    assert.deepEqual(skills.shared!.resources, ["a.txt"]);

    await Deno.mkdir(`${projectDir}/.agents/skills/stolen`);
    await Deno.symlink(`${elsewhere}/SKILL.md`, `${projectDir}/.agents/skills/stolen/SKILL.md`);
    assert.match((await failure(["stolen"], projectDir)).message, /found a link that leads out of it/);
  });
});

function denoDir(): string {
  const { DENO_DIR, XDG_CACHE_HOME, HOME = "" } = Deno.env.toObject();
  return DENO_DIR || `${XDG_CACHE_HOME || `${HOME}/.cache`}/deno`;
}

/** Runs a program that loads skills, with chosen permissions and home folder. */
async function runProgram(
  code: string,
  { flags, home, cwd }: { flags: readonly string[]; home: string; cwd: string },
): Promise<string> {
  const root = fromFileUrl(new URL("../../", import.meta.url));
  const file = `${cwd}/main.ts`;
  await Deno.writeTextFile(file, code.replace("SKILLS", `${root}src/skills/mod.ts`));
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--no-check", `--config=${root}deno.json`, ...flags, file],
    cwd,
    env: { HOME: home, DENO_DIR: denoDir(), NO_COLOR: "1" },
  }).output();
  return new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
}

const PROGRAM = `
import { loadSkills } from "SKILLS";
try {
  const skills = await loadSkills(JSON.parse(Deno.args[0] ?? '"*"'));
  console.log(skills.map(({ name, body }) => name + "=" + body).join(" "));
} catch (error) {
  console.log(error.code, error.message);
}
`;

Deno.test("loadSkills() looks in the working folder first, then in the user's home folder", async () => {
  await withFolder(async (folder) => {
    const [cwd, home] = [`${folder}/work`, `${folder}/home`];
    await writeSkill(cwd, "both", { body: "project" });
    await writeSkill(home, "both", { body: "home" });
    await writeSkill(home, "own", { place: ".claude/skills", body: "home" });
    const all = { cwd, home, flags: [`--allow-read=${folder}`, "--allow-env=HOME"] };
    assert.equal(await runProgram(PROGRAM, all), "both=project own=home\n");
    // Nobody is asked for the permission to look into the home folder.
    const project = { cwd, home, flags: [`--allow-read=${cwd}`, "--allow-env=HOME"] };
    assert.equal(await runProgram(PROGRAM, project), "both=project\n");
    assert.equal(
      await runProgram(PROGRAM, { cwd, home, flags: [`--allow-read=${cwd}`] }),
      "both=project\n",
    );
  });
});

Deno.test("loadSkills() names the permission that it lacks", async () => {
  await withFolder(async (cwd) => {
    await writeSkill(cwd, "pdf");
    const flags = [`--allow-read=${cwd}/other`];
    const text = await runProgram(PROGRAM, { cwd, home: cwd, flags });
    assert.equal(
      text,
      `config_invalid Cannot load skills: expected the permission --allow-read=${cwd}/.agents/skills, found it missing\n`,
    );
    const fetching = PROGRAM.replace("Deno.args[0] ?? '\"*\"'", `'["https://example.org/SKILL.md?key=k"]'`);
    assert.equal(
      await runProgram(fetching, { cwd, home: cwd, flags: ["--allow-net=127.0.0.1"] }),
      "\nWarning: Skipped skill https://example.org/SKILL.md: Cannot reach example.org:443: " +
        "expected the permission --allow-net=example.org, found it missing\n",
    );
  });
});

/** Writes packages of many resources. */

/** How many. */
export interface PackageSize {
  readonly modules: number;
  readonly promptsPerModule: number;
  readonly configs: number;
}

/** Writes a package with prompts in modules and with YAML configs. */
export async function writePackage(
  folder: string,
  { modules, promptsPerModule, configs }: PackageSize,
): Promise<void> {
  await Deno.mkdir(`${folder}/prompts`, { recursive: true });
  await Deno.mkdir(`${folder}/configs`);
  const prompt = new URL("../src/prompt/mod.ts", import.meta.url).href;
  await Deno.writeTextFile(`${folder}/lllm.toml`, '[package]\nname = "large"\n');
  for (let module = 0; module < modules; module++) {
    const prompts = Array.from(
      { length: promptsPerModule },
      (_, n) =>
        `export const p${n} = new Prompt({ path: "p${n}", prompt: "Prompt ${n} of module ${module}: write about {topic}." });`,
    );
    const code = `import { Prompt } from "${prompt}";\n${prompts.join("\n")}\n`;
    await Deno.writeTextFile(`${folder}/prompts/m${module}.ts`, code);
  }
  for (let config = 0; config < configs; config++) {
    const text = `global:\n  model_name: gpt-4o-mini\n  model_args: { temperature: 0.1 }\n` +
      `agent_configs:\n  - name: writer\n    system_prompt_path: m${config % modules}/p0\n`;
    await Deno.writeTextFile(`${folder}/configs/c${config}.yaml`, text);
  }
}

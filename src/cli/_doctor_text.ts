import type { ConfigReport, DoctorReport, PackageReport, Permission, Problem } from "../doctor/mod.ts";

/** How a report looks: in colours or without. */
export interface DoctorTextOptions {
  readonly colors: boolean;
}

/** Writes a report for people: what is there, what is needed, what is wrong. */
export function describeReport(report: DoctorReport, { colors }: DoctorTextOptions): string {
  const style = createStyle(colors);
  const { versions, project, packages, configs, skills, environment, sandbox = [] } = report;
  const sections = [
    section(style.bold("Project"), [
      `${project.manifest ?? project.folder} (${project.foundBy})`,
      ...packages.flatMap((info) => describePackage(info, style)),
    ]),
    section(style.bold("Agents"), configs.flatMap((config) => describeConfig(config, style))),
    section(style.bold("Skills"), skills.map(({ name, folder }) => `${name}  ${style.dim(folder ?? "")}`)),
    section(
      style.bold("Environment"),
      environment.map(({ name, isSet, isMissing, by }) =>
        `${isSet ? style.good : isMissing ? style.bad : style.dim("–")} ${name}  ${
          isSet ? "set" : "not set"
        }  ${style.dim(by.join(", "))}`
      ),
    ),
    section(
      style.bold("Sandbox"),
      sandbox.map(({ language, folder, isPrepared }) =>
        `${isPrepared ? style.good : style.dim("–")} ${language}: ${
          isPrepared ? "its files are in" : "the first start makes its files in"
        } ${folder}`
      ),
    ),
    section(style.bold("Permissions"), describePermissions(report, style)),
    section(
      style.bold("Warnings"),
      report.warnings.flatMap((warning) => describeProblem(warning, style.warn, style)),
    ),
    section(
      style.bold("Problems"),
      report.problems.flatMap((problem) => describeProblem(problem, style.bad, style)),
    ),
  ];
  return [
    style.dim(`lllm ${versions.library} · Deno ${versions.deno} · ${versions.platform}`),
    ...sections.filter((lines) => lines !== undefined),
    describeOutcome(report, style),
  ].join("\n\n");
}

/** Marks and weights; plain text where there are no colours. */
interface Style {
  readonly good: string;
  readonly bad: string;
  readonly warn: string;
  bold(text: string): string;
  dim(text: string): string;
}

function createStyle(colors: boolean): Style {
  const paint = (code: number) => (text: string) =>
    colors && text !== "" ? `\x1b[${code}m${text}\x1b[0m` : text;
  return { good: paint(32)("✓"), bad: paint(31)("✗"), warn: paint(33)("!"), bold: paint(1), dim: paint(2) };
}

function section(title: string, lines: readonly string[]): string | undefined {
  return lines.length === 0
    ? undefined
    : [title, ...lines.map((line) => line === "" ? "" : `  ${line}`)].join("\n");
}

function describePackage(
  { name, version, folder, aliases, origin, resources }: PackageReport,
  style: Style,
): string[] {
  const alias = aliases.length === 0 ? "" : ` as ${aliases.join(", ")}`;
  const place = origin === "project" ? "" : style.dim(`  ${ORIGINS[origin]} in ${folder}`);
  const counts = Object.entries(resources).map(([type, count]) => countOf(type, count));
  return [
    `${style.good} ${[name, version].filter((text) => text !== "").join(" ")}${alias}${place}`,
    `  ${style.dim(counts.join(" · ") || "nothing in it")}`,
  ];
}

const ORIGINS = {
  dependency: "dependency",
  "drop-in": "drop-in package",
  user: "the user's package",
} as const;

/** A section of the package's own has the name that it was given, which may be in the plural already. */
function countOf(type: string, count: number): string {
  const plural = PLURALS[type];
  if (plural === undefined) return `${count} in ${type}`;
  return `${count} ${count === 1 ? type.replaceAll("_", " ") : plural}`;
}

const PLURALS: Readonly<Record<string, string>> = {
  prompt: "prompts",
  tool: "tools",
  tactic: "tactics",
  proxy: "proxies",
  config: "configs",
  service: "services",
  asset: "assets",
  context_manager: "context managers",
};

function describeConfig({ key, agents }: ConfigReport, style: Style): string[] {
  return agents.map(({ name, model, invoker, execEnv }) => {
    const code = execEnv === undefined ? "" : `, runs code (${execEnv})`;
    return `${name}  ${model}${invoker === "scripted" ? " (scripted)" : ""}${code}  ${style.dim(key)}`;
  });
}

function describePermissions(
  { packages, permissions, optional, flags, needsAll = [] }: DoctorReport,
  style: Style,
): string[] {
  if (packages.length === 0) return [];
  const line = ({ permission, value, by, seenInCode }: Permission) =>
    `--allow-${permission}=${value}  ${style.dim(`${seenInCode ? "seen in code: " : ""}${shorten(by)}`)}`;
  const more = optional.length === 0 ? [] : ["", "Not needed, but used where given:", ...optional.map(line)];
  const command = `deno run ${[...flags.map(quote), "<program>"].join(" ")}`;
  const all = needsAll.length === 0 ? [] : [`-A  ${style.dim(`seen in code: ${shorten(needsAll)}`)}`];
  return [...permissions.map(line), ...all, ...more, "", style.bold(command)];
}

function shorten(by: readonly string[]): string {
  return by.length > 3 ? `${by.slice(0, 3).join(", ")} and ${by.length - 3} more` : by.join(", ");
}

/** As a shell wants it. */
function quote(flag: string): string {
  return /^[\w@%+=:,./\\-]+$/.test(flag) ? flag : `'${flag.replaceAll("'", "'\\''")}'`;
}

function describeProblem({ message, advice }: Problem, mark: string, style: Style): string[] {
  return [`${mark} ${message}`, style.dim(`  → ${advice}`)];
}

function describeOutcome({ problems, warnings }: DoctorReport, style: Style): string {
  const count = (found: readonly Problem[], what: string) =>
    found.length === 0 ? [] : [`${found.length} ${found.length === 1 ? what : `${what}s`}`];
  const found = [...count(problems, "problem"), ...count(warnings, "warning")];
  const mark = problems.length > 0 ? style.bad : style.good;
  return `${mark} ${problems.length > 0 ? found.join(", ") : ["Nothing is missing", ...found].join("; ")}`;
}

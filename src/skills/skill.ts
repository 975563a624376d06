/** A skill: instructions for one kind of task, which a model reads when it needs them. */
export interface Skill {
  /** 1–64 lower-case letters, digits and single hyphens; the name of the skill's folder. */
  readonly name: string;
  /** What it does and when to use it. Units: at most 1,024 characters. */
  readonly description: string;
  /** The instructions, in Markdown. */
  readonly body: string;
  /** The skill's folder, absolute; `null` for a skill from a URL. */
  readonly dir: string | null;
  /** The other files of the folder: paths from it, with `/`, sorted; at most 200. */
  readonly resources: readonly string[];
  /** The tools that the skill was written for, as it names them. */
  readonly allowedTools: readonly string[];
}

/** What names are made of. */
const NAME = /^(?=.{1,64}$)[a-z0-9]+(-[a-z0-9]+)*$/;

/** Tells whether a text can be the name of a skill. */
export function isSkillName(text: string): boolean {
  return NAME.test(text);
}

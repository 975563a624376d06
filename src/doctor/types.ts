import type { PermissionName } from "../packages/mod.ts";

/** What `examineProject` found. */
export interface DoctorReport {
  /** Whether nothing is missing. */
  readonly ok: boolean;
  /** What runs here. */
  readonly versions: { readonly library: string; readonly deno: string; readonly platform: string };
  /** Where the project is, and how it was found. */
  readonly project: ProjectPlace;
  /** The packages that are loaded, the project's own first. */
  readonly packages: readonly PackageReport[];
  /** The configs that were looked at: the project's, and those of the tactics that their agents call. */
  readonly configs: readonly ConfigReport[];
  /** The skills that are on disk. */
  readonly skills: readonly { readonly name: string; readonly folder: string | null }[];
  /** Environment variables that matter: whether they are set, never to what. */
  readonly environment: readonly VariableReport[];
  /** The sandbox's files; absent where no agent runs code. */
  readonly sandbox?: readonly {
    readonly language: string;
    readonly folder: string;
    readonly isPrepared: boolean;
  }[];
  /** The permissions that the project's program needs. */
  readonly permissions: readonly Permission[];
  /** Permissions that it can do without, and uses where it has them. */
  readonly optional: readonly Permission[];
  /** What needs all permissions, whatever the others need; absent where nothing does. */
  readonly needsAll?: readonly string[];
  /** `permissions` as flags of `deno run`; `-A` alone where something needs all. */
  readonly flags: readonly string[];
  /** What keeps it from working. */
  readonly problems: readonly Problem[];
  /** What is worth a look. */
  readonly warnings: readonly Problem[];
}

/** Where a project is. */
export interface ProjectPlace {
  /** Its folder. */
  readonly folder: string;
  /** Its manifest, if it has one. */
  readonly manifest?: string;
  /** What led there, for people. */
  readonly foundBy: string;
}

/** A package that is loaded. */
export interface PackageReport {
  /** Its name. */
  readonly name: string;
  /** Empty where the manifest says none. */
  readonly version: string;
  /** Its folder, absolute. */
  readonly folder: string;
  /** Second names. */
  readonly aliases: readonly string[];
  /** What it is to the project: `drop-in` lies in its `lllm_packages`, `user` in that of the user. */
  readonly origin: "project" | "dependency" | "drop-in" | "user";
  /** How many resources it has, by type. */
  readonly resources: Readonly<Record<string, number>>;
}

/** A config that was looked at. */
export interface ConfigReport {
  /** Its qualified key. */
  readonly key: string;
  /** Its file; absent for one that was made in a program. */
  readonly file?: string;
  /** Its agents, as far as their settings are valid. */
  readonly agents: readonly AgentReport[];
}

/** An agent of a config. */
export interface AgentReport {
  /** Its name. */
  readonly name: string;
  /** The model, with its prefix. */
  readonly model: string;
  /** What asks the model. */
  readonly invoker: string;
  /** Where its code runs; absent where it runs none. */
  readonly execEnv?: string;
}

/** An environment variable. */
export interface VariableReport {
  /** Its name. */
  readonly name: string;
  /** Whether it is set, and not empty. */
  readonly isSet: boolean;
  /** Whether nothing works without it, or one of its alternatives. */
  readonly isMissing: boolean;
  /** Who reads it. */
  readonly by: readonly string[];
}

/** A permission that is needed, and by whom. */
export interface Permission {
  /** As in `--allow-<permission>`. */
  readonly permission: PermissionName;
  /** The path, host, variable or program. */
  readonly value: string;
  /** What needs it. */
  readonly by: readonly string[];
  /** Whether it was found by reading code alone, so that it may be more or less than what is needed. */
  readonly seenInCode: boolean;
}

/** Something to mend, or to look at. */
export interface Problem {
  /** `missing`: something is not there. `invalid`: something is not what it should be. */
  readonly kind: "missing" | "invalid";
  /** The code of the error or warning behind it. */
  readonly code: string;
  /** What it is, in one line. */
  readonly message: string;
  /** What to do about it, in one line. */
  readonly advice: string;
}

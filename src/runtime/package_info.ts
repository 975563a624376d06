/** What is known of a package: what its manifest says, and where it is. */
export interface PackageInfo {
  /** The namespace of its resources. */
  readonly name: string;
  /** Empty where the manifest says none. */
  readonly version: string;
  /** Empty where the manifest says none. */
  readonly description: string;
  /** Its folder, absolute. */
  readonly baseDir: string;
  /** A second name, given by a package that depends on it. */
  readonly alias?: string;
  /** The name that it is registered under: the alias, else the name. */
  readonly effectiveName: string;
}

/** What makes a {@linkcode PackageInfo}; all but the name has a default. */
export type PackageInfoInit = Partial<Omit<PackageInfo, "name">> & Pick<PackageInfo, "name">;

/** Fills in what is left out: empty texts, and the effective name. */
export function createPackageInfo(init: PackageInfoInit): PackageInfo {
  const { name, version = "", description = "", baseDir = "", alias } = init;
  if (typeof name !== "string" || !isPackageName(name)) {
    throw new TypeError(`Cannot register a package: expected a name, found ${JSON.stringify(name)}`);
  }
  return Object.freeze({
    name,
    version,
    description,
    baseDir,
    ...(alias === undefined ? {} : { alias }),
    effectiveName: alias ?? name,
  });
}

/** Tells whether a text can be the name of a package: it must not break up the keys that it becomes a part of. */
export function isPackageName(name: string): boolean {
  return /^[^\s:/\\#."'\p{Cc}][^\s:/\\#"'\p{Cc}]*$/u.test(name);
}

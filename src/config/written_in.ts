import { describeOrigin, originOf, rootOriginOf } from "./_origins.ts";

/** Where a setting of a config was written. */
export interface WrittenIn {
  /** For people: the file, else the config's key, else "config". */
  readonly place: string;
  /** The file, absolute; absent for a config that was made in the program. */
  readonly file?: string;
  /** The package that it belongs to; absent for a config that belongs to none. */
  readonly packageName?: string;
}

/** Says where a key at the top of a resolved config was written, be it in a base; a key that is nowhere, in the config itself. */
export function writtenIn(config: object, key: string): WrittenIn {
  const origin = originOf(config, key) ?? rootOriginOf(config);
  return {
    place: describeOrigin(origin),
    ...(origin?.file === undefined ? {} : { file: origin.file }),
    ...(origin?.package === undefined ? {} : { packageName: origin.package }),
  };
}

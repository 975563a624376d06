/** Which subpaths the package promises, compared with the folders that are there. */

/** The folders that are no subpath: their names reach users through other folders. */
const INTERNAL = new Set(["util", "net"]);

/** Names the folders of `src/` that the exports lack, and the exports whose file is absent; none if they are right. */
export function checkExports(
  exports: Readonly<Record<string, string>>,
  sources: readonly string[],
): string[] {
  const missing = sources.flatMap((file) => {
    const concept = file.match(/^src\/([^/]+)\/mod\.ts$/)?.[1];
    if (concept === undefined || INTERNAL.has(concept) || `./${concept}` in exports) return [];
    return [`deno.json does not export "./${concept}", although ${file} is there`];
  });
  const absent = Object.entries(exports).filter(([, file]) => !sources.includes(file.replace("./", "")));
  return [
    ...missing,
    ...absent.map(([path, file]) => `deno.json exports "${path}" from ${file}, which is absent`),
  ];
}

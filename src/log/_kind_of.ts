/** Tells what is at a path, for the words of an error; `undefined` for what is not there, or not to be seen. */
export function kindOf(path: string): "folder" | "file" | undefined {
  try {
    return Deno.statSync(path).isDirectory ? "folder" : "file";
  } catch {
    return undefined;
  }
}

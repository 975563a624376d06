/** Gives what a look at a file gives; `undefined` where the file is not there. Files of a log come and go while others look. */
export function ifThere<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

import { LLLMError } from "../errors.ts";
import { findConfigFile } from "../runtime/mod.ts";
import { findUpwards, manifestIn } from "../runtime/discover.ts";
import type { ProjectPlace } from "./types.ts";

/** A project, and what leads a program there. */
export interface FoundProject extends ProjectPlace {
  /** Environment variables that had a part in it. */
  readonly variables: readonly string[];
}

/**
 * Finds the project as `loadRuntime` does, and says by which rule.
 *
 * @throws {LLLMError} `package_not_found`, when there is nothing at the given path
 */
export async function findProject(given: string | undefined): Promise<FoundProject> {
  const { dirname, resolve } = await import("@std/path");
  if (given === undefined) return await findFromHere();
  const place = resolve(given);
  const isFolder = await readKind(place, given);
  if (!isFolder) {
    return { folder: dirname(place), manifest: place, foundBy: "the given manifest", variables: [] };
  }
  const manifest = manifestIn(place) ?? findUpwards(place);
  if (manifest === undefined) return withoutManifest(place);
  const foundBy = dirname(manifest) === place ? "the given folder" : `found above ${place}`;
  return { folder: dirname(manifest), manifest, foundBy, variables: [] };
}

async function findFromHere(): Promise<FoundProject> {
  const { dirname, resolve } = await import("@std/path");
  const manifest = findConfigFile(undefined, { onWarning: () => {} }); // loading will tell it
  const here = resolve(Deno.cwd());
  if (manifest === undefined) return withoutManifest(here);
  const folder = dirname(manifest);
  const upwards = findUpwards(here);
  if (upwards !== manifest) {
    const variables = Deno.env.get("LLLM_CONFIG")!.startsWith("~")
      ? ["LLLM_CONFIG", "HOME"]
      : ["LLLM_CONFIG"];
    return { folder, manifest, foundBy: "named by LLLM_CONFIG", variables };
  }
  const foundBy = folder === here ? "in the working folder" : "found above the working folder";
  return { folder, manifest, foundBy, variables: [] };
}

function withoutManifest(folder: string): FoundProject {
  return { folder, foundBy: "no lllm.toml there or above", variables: [] };
}

async function readKind(place: string, given: string): Promise<boolean> {
  try {
    return (await Deno.stat(place)).isDirectory;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory)) throw error;
    throw new LLLMError(
      `Cannot examine "${given}": expected a manifest or a folder, found nothing at ${place}`,
      { code: "package_not_found", data: { path: place }, cause: error },
    );
  }
}

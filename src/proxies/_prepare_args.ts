import type { EndpointDeclaration } from "./_declaration.ts";
import { clampDates } from "./_date_params.ts";
import { checkArgs, checkArgsSchema } from "./_params.ts";

/** Checks the types of arguments, and keeps their dates before the cutoff. */
export function prepareArgs(
  path: string,
  { params, dates, inputSchema }: EndpointDeclaration,
  args: unknown,
  cutoff: Date | undefined,
): Record<string, unknown> {
  const open = inputSchema !== undefined && inputSchema().additionalProperties !== false;
  const checked = checkArgs(path, params, args, { open });
  return clampDates(path, dates, checked, cutoff);
}

/** Checks what the types do not say; nothing where there is no schema. */
export async function validateArgs(
  path: string,
  { params, inputSchema, isForeign }: EndpointDeclaration,
  args: Record<string, unknown>,
): Promise<void> {
  if (inputSchema !== undefined) await checkArgsSchema(path, params, inputSchema(), args, isForeign);
}

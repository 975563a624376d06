import { LLLMError } from "../errors.ts";
import { freezeCopy } from "../util/mod.ts";
import type { EndpointDeclaration } from "./_declaration.ts";
import { clampDates } from "./_date_params.ts";
import { checkArgs, checkArgsSchema } from "./_params.ts";

/**
 * Checks the types of arguments, and keeps their dates before the cutoff.
 *
 * @returns a frozen copy: neither the caller nor the handler changes what is approved and recorded
 * @throws {LLLMError} `endpoint_args_invalid`
 */
export function prepareArgs(
  path: string,
  { params, dates, inputSchema }: EndpointDeclaration,
  args: unknown,
  cutoff: Date | undefined,
): Record<string, unknown> {
  const open = inputSchema !== undefined && inputSchema().additionalProperties !== false;
  const checked = checkArgs(path, params, args, { open });
  try {
    return freezeCopy(clampDates(path, dates, checked, cutoff));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new LLLMError(
      `Cannot call API "${path}" with these parameters: expected data of bearable depth, found more`,
      { code: "endpoint_args_invalid", data: { path } },
    );
  }
}

/** Checks what the types do not say; nothing where there is no schema. */
export async function validateArgs(
  path: string,
  { params, inputSchema, isForeign }: EndpointDeclaration,
  args: Record<string, unknown>,
): Promise<void> {
  if (inputSchema !== undefined) await checkArgsSchema(path, params, inputSchema(), args, isForeign);
}

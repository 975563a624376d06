import { LLLMError } from "../errors.ts";

/** The error for a package that is not taken, with its reason. */
export function refusal(name: string, reason: string, cause?: unknown): LLLMError {
  return new LLLMError(`Cannot use package "${name}": expected one that is safe, found that ${reason}`, {
    code: "package_unsafe",
    data: { package: name, reason },
    cause,
  });
}

/** The error for a package of which no archive is made, as it could not be installed. */
export function exportRefusal(name: string, reason: string, cause?: unknown): LLLMError {
  return new LLLMError(`Cannot export package "${name}": ${reason}`, {
    code: "package_unsafe",
    data: { package: name, reason },
    cause,
  });
}

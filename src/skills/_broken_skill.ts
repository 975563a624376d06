import { LLLMError } from "../errors.ts";

/** The error for a skill that cannot be used; `place` is its file or URL. */
export function brokenSkill(place: string, reason: string, cause?: unknown): LLLMError {
  return new LLLMError(`Cannot load skill ${place}: ${reason}`, {
    code: "config_invalid",
    data: { skill: place, reason },
    cause,
  });
}

import { LLLMError } from "../errors.ts";
import { firstVariable, permissionHint } from "./_environment.ts";
import type { Provider } from "./providers.ts";

/** Where and how a model is reached. */
export interface Connection {
  /** The provider behind the model's prefix. */
  readonly provider: Provider;
  /** The model's name at the provider. */
  readonly model: string;
  /** The address that paths are appended to. */
  readonly baseUrl: string;
  /** The key, `null` where none is needed, or what fetches one that expires. */
  readonly apiKey: string | null | (() => Promise<string>);
  /** Headers that say who asks. `null` takes a header of the client away. */
  readonly headers: Readonly<Record<string, string | null>>;
  /** Parameters of the address. */
  readonly query: Readonly<Record<string, string>>;
}

/** Model arguments that say where a model is, not what it is asked. */
export type ConnectionArgs = Readonly<Record<string, unknown>>;

/** The names of those arguments. */
export const CONNECTION_ARGS = [
  "api_base",
  "base_url",
  "api_key",
  "api_version",
  "organization",
  "vertex_project",
  "vertex_location",
  "vertex_credentials",
] as const;

/** The address that was chosen in place of the provider's own. */
export function baseUrlOf(provider: Provider, args: ConnectionArgs): string | undefined {
  const given = args.api_base ?? args.base_url;
  if (given !== undefined && given !== null) return String(given);
  return firstVariable(provider.baseUrlVariables, { optional: provider.baseUrl !== undefined });
}

/** The key that was given. */
export function keyOf(provider: Provider, args: ConnectionArgs): string | undefined {
  if (typeof args.api_key === "string" && args.api_key !== "") return args.api_key;
  return firstVariable(provider.keyVariables, { optional: !provider.needsKey });
}

/** Says which variables a provider still needs: one of each list. */
export function missing(
  model: string,
  provider: Provider,
  variables: readonly (readonly string[])[],
  argument?: string,
): LLLMError {
  const wanted = variables.map((names) => names.join(" or ")).join(", and ");
  const flat = variables.flat();
  const other = argument === undefined ? "" : ` in the environment, or model_args.${argument}`;
  return new LLLMError(
    `Cannot call model "${model}": expected ${wanted}${other}, found none${permissionHint(flat)}`,
    {
      code: "missing_api_key",
      data: { model, provider: provider.name, variables: flat, oneOfEach: variables },
    },
  );
}

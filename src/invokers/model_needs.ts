import { LLLMError } from "../errors.ts";
import type { ApiType } from "../message/mod.ts";
import { connect } from "./_connect.ts";
import type { Connection, ConnectionArgs } from "./_connection.ts";
import { recordVariables, type VariableRead } from "./_environment.ts";
import { splitModel } from "./providers.ts";

/** What the `openai` invoker needs of its surroundings to reach a model. */
export interface ModelNeeds {
  /** The provider behind the model's prefix. */
  readonly provider: string;
  /** The hosts that it asks, with their port where that is not the usual one. Empty where the address is not known yet. */
  readonly hosts: readonly string[];
  /** The environment variables that it reads: those that are set, and of those that are missing the first of each choice. */
  readonly variables: readonly string[];
  /** Variables that are set, and that it reads where it may. */
  readonly optional: readonly string[];
  /** Files that it reads. */
  readonly files: readonly string[];
  /** What has to be set: one variable of each list. */
  readonly missing: readonly (readonly string[])[];
  /** Why no call can succeed, for another reason than a variable. Default: none is known. */
  readonly problem?: string;
}

/**
 * Finds out what calls of a model need, in this environment, without calling it.
 *
 * It sees what the program may see: variables that it may not read count as missing.
 */
export function modelNeeds(model: string, args: ConnectionArgs, apiType: ApiType = "completion"): ModelNeeds {
  const { provider } = splitModel(model);
  const { result, reads } = recordVariables(() => attempt(() => connect(model, args, apiType)));
  // Without a key the address is still known.
  const reached = "connection" in result
    ? result
    : attempt(() => connect(model, { ...args, api_key: "unknown" }, apiType));
  const connection = "connection" in reached ? reached.connection : undefined;
  const oneOfEach = "error" in result ? result.error.data.oneOfEach : undefined;
  const missing = (oneOfEach ?? []) as readonly (readonly string[])[];
  const decides = ({ name, optional }: VariableRead) => !optional || provider.baseUrlVariables.includes(name);
  const set = reads.filter(({ isSet }) => isSet);
  const usesAccount = typeof connection?.apiKey === "function";
  return {
    provider: provider.name,
    hosts: hostsOf(connection, usesAccount),
    variables: unique([
      ...set.filter(decides).map(({ name }) => name),
      ...missing.map(([first]) => first!),
    ]),
    optional: unique(set.filter((read) => !decides(read)).map(({ name }) => name)),
    files: usesAccount ? accountFiles(args) : [],
    missing,
    ...("error" in result && missing.length === 0 ? { problem: result.error.message } : {}),
  };
}

type Attempt = { readonly connection: Connection } | { readonly error: LLLMError };

function attempt(effect: () => Connection): Attempt {
  try {
    return { connection: effect() };
  } catch (error) {
    if (!LLLMError.isInstance(error)) throw error;
    return { error };
  }
}

/** The host of Google's token endpoint, as service accounts name it. */
const TOKEN_HOST = "oauth2.googleapis.com";

function hostsOf(connection: Connection | undefined, usesAccount: boolean): string[] {
  const url = connection === undefined ? null : URL.parse(connection.baseUrl);
  if (url === null) return [];
  return usesAccount ? [url.host, TOKEN_HOST] : [url.host];
}

function accountFiles({ vertex_credentials: given }: ConnectionArgs): string[] {
  const credentials = given ?? Deno.env.get("GOOGLE_APPLICATION_CREDENTIALS");
  return typeof credentials === "string" && !credentials.trimStart().startsWith("{") ? [credentials] : [];
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)];
}

/**
 * OAuth for a client, by the hook that `connectMcp` has for it: a `fetch` that gets a token when the server asks for one. The flow itself
 * is the SDK's; the part of the person, who would confirm in a browser, is played by following the redirect.
 *
 * @module
 */
import * as sdk from "@modelcontextprotocol/sdk/client/auth.js";
import * as extensions from "@modelcontextprotocol/sdk/client/auth-extensions.js";
import type { McpFetch } from "../../../src/mcp/mod.ts";

/** What a scenario tells its client. */
export interface OAuthContext {
  readonly name?: string;
  readonly client_id?: string;
  readonly client_secret?: string;
  readonly private_key_pem?: string;
  readonly signing_algorithm?: string;
}

const REDIRECT_URL = "http://localhost:3000/callback";
const CLIENT_METADATA_URL = "https://conformance-test.local/client-metadata.json";
const MAX_ATTEMPTS = 3;

/** Makes a `fetch` that carries tokens. */
export function oauthFetch(serverUrl: string, context: OAuthContext): McpFetch {
  // deno-lint-ignore no-explicit-any -- the types of the SDK cannot be resolved by its published paths
  const provider: any = providerFor(context);
  return async (url, init = {}) => {
    for (let attempt = 0;; attempt++) {
      const headers = new Headers(init.headers);
      const tokens = await provider.tokens();
      if (tokens !== undefined) headers.set("authorization", `Bearer ${tokens.access_token}`);
      const response = await fetch(url, { ...init, headers });
      // deno-lint-ignore no-explicit-any -- as above
      const { resourceMetadataUrl, scope, error } = (sdk as any).extractWWWAuthenticateParams(response);
      const lacks = response.status === 401 || (response.status === 403 && error === "insufficient_scope");
      if (!lacks || attempt === MAX_ATTEMPTS - 1) return response;
      await response.body?.cancel();
      const options = { serverUrl, resourceMetadataUrl, scope, fetchFn: fetch };
      // deno-lint-ignore no-explicit-any -- as above
      if (await (sdk as any).auth(provider, options) === "REDIRECT") {
        // deno-lint-ignore no-explicit-any -- as above
        await (sdk as any).auth(provider, { ...options, authorizationCode: provider.code });
      }
    }
  };
}

function providerFor(context: OAuthContext): unknown {
  const { client_id: clientId, client_secret: clientSecret, private_key_pem: privateKey } = context;
  // deno-lint-ignore no-explicit-any -- as above
  const { ClientCredentialsProvider, PrivateKeyJwtProvider } = extensions as any;
  if (context.name === "auth/client-credentials-basic") {
    return new ClientCredentialsProvider({ clientId, clientSecret });
  }
  if (context.name === "auth/client-credentials-jwt") {
    return new PrivateKeyJwtProvider({
      clientId,
      privateKey,
      algorithm: context.signing_algorithm ?? "ES256",
    });
  }
  return new PersonProvider(
    clientId === undefined ? undefined : { client_id: clientId, client_secret: clientSecret },
  );
}

/** Keeps what the flow needs, and confirms at once. */
class PersonProvider {
  readonly redirectUrl = REDIRECT_URL;
  readonly clientMetadataUrl = CLIENT_METADATA_URL;
  readonly clientMetadata = {
    client_name: "lllm",
    redirect_uris: [REDIRECT_URL],
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    application_type: "native",
  };
  code = "";
  #client: unknown;
  #tokens: unknown;
  #verifier = "";

  constructor(client: unknown) {
    this.#client = client;
  }

  clientInformation(): unknown {
    return this.#client;
  }

  saveClientInformation(client: unknown): void {
    this.#client = client;
  }

  tokens(): unknown {
    return this.#tokens;
  }

  saveTokens(tokens: unknown): void {
    this.#tokens = tokens;
  }

  codeVerifier(): string {
    return this.#verifier;
  }

  saveCodeVerifier(verifier: string): void {
    this.#verifier = verifier;
  }

  async redirectToAuthorization(url: URL): Promise<void> {
    const response = await fetch(url, { redirect: "manual" });
    await response.body?.cancel();
    this.code = new URL(response.headers.get("location")!).searchParams.get("code")!;
  }
}

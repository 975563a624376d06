import { addressesOf, connect, exchange, NetRefusal, specialUse } from "../../net/mod.ts";

/** Tells whether an address may be connected to. */
export type IsAllowed = (address: string) => boolean;

/** Whether an address is on the public internet. */
export const isPublic: IsAllowed = (address) => specialUse(address) === null;

/** Names that mean this machine or its networks, also where they may not be looked up. */
const PRIVATE_NAME = /(^|\.)(localhost|local|internal)\.?$/;

/** Whether a host is on the public internet, be it with one address of several; one that cannot be looked up counts as that. */
export async function isPublicHost(hostname: string): Promise<boolean> {
  if (PRIVATE_NAME.test(hostname)) return false;
  const addresses = await addressesOf(hostname).catch(() => []);
  return addresses.length === 0 || addresses.some(isPublic);
}

/**
 * Makes a request, as `fetch` does, at a public address alone: the host's name is looked up once, and the connection goes to an
 * address that was checked, so that a name which changes its address in between gains nothing. Redirects are handed back.
 *
 * @throws {NetRefusal} when the host has no such address
 * @throws {HttpFailure} when there is no answer, or one of more than `maxBytes`
 */
export async function fetchPublic(
  request: Request,
  maxBytes: number,
  isAllowed: IsAllowed = isPublic,
): Promise<Response> {
  const url = new URL(request.url);
  const body = new Uint8Array(await request.arrayBuffer());
  const pickAddresses = (_url: URL, addresses: readonly string[]): string[] => {
    const allowed = addresses.filter(isAllowed);
    if (allowed.length > 0) return allowed;
    throw new NetRefusal(
      `Cannot reach ${url.host}: expected a public address, found ${addresses[0] ?? "none"}`,
    );
  };
  using checked = await connect(url, { pickAddresses }, request.signal);
  const answer = await exchange(checked.connection, {
    method: request.method,
    target: url.pathname + url.search,
    headers: [
      ["host", url.host],
      ["connection", "close"],
      ["accept-encoding", "identity"],
      ...(request.body === null ? [] : [["content-length", String(body.length)] as const]),
      ...request.headers,
    ],
    body,
  }, maxBytes);
  const { status, statusText } = answer;
  const headers = new Headers(answer.headers.map(([name, value]) => [name, value]));
  const isEmpty = answer.body.length === 0;
  return decoded(new Response(isEmpty ? null : answer.body, { status, statusText, headers }));
}

/** Undoes a content encoding that was not asked for: what is stored compressed is handed out so. */
function decoded(response: Response): Response {
  const { status, statusText, body } = response;
  const headers = new Headers(response.headers);
  const encoding = /^(?:x-)?(gzip|deflate)$/i.exec(headers.get("content-encoding") ?? "")?.[1];
  if (encoding === undefined || body === null) return response;
  headers.delete("content-encoding");
  headers.delete("content-length");
  const stream = body.pipeThrough(new DecompressionStream(encoding.toLowerCase() as CompressionFormat));
  return new Response(stream, { status, statusText, headers });
}

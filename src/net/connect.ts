/**
 * Connections to hosts whose addresses were checked.
 *
 * @module
 */
import { raceAbort } from "../util/mod.ts";
import { canonicalAddress } from "./ip_address.ts";
import { HttpFailure } from "./http_exchange.ts";
import { type NetPolicy, NetRefusal, portOf } from "./net_policy.ts";

/** A connection, and the address at its other end. */
export interface CheckedConnection extends Disposable {
  readonly connection: Pick<Deno.Conn, "read" | "write">;
  readonly address: string;
}

const MAX_ADDRESSES = 4;

/**
 * Connects to the host of a URL that the policy lets pass, at an address that it lets pass.
 *
 * The name is resolved once and the connection goes to that address, so that a name which changes its address between
 * check and connection gains nothing. A host program whose permission names hosts may not connect to addresses: then
 * the connection goes to the name, and nothing is sent before the address at its other end was checked.
 */
export async function connect(
  url: URL,
  policy: Pick<NetPolicy, "pickAddresses">,
  signal: AbortSignal,
): Promise<CheckedConnection> {
  const port = portOf(url);
  requirePermission(url.hostname, port);
  const addresses = policy.pickAddresses(url, await raceAbort(addressesOf(url.hostname), signal));
  signal.throwIfAborted();
  const tcp = await connectToOne(url, addresses.slice(0, MAX_ADDRESSES), port, signal);
  const address = tcp.remoteAddr.hostname;
  let connection: Deno.TcpConn | Deno.TlsConn = tcp;
  const close = () => {
    try {
      connection.close();
    } catch {
      // It is closed already.
    }
  };
  signal.addEventListener("abort", close);
  const stop = () => {
    signal.removeEventListener("abort", close);
    close();
  };
  try {
    policy.pickAddresses(url, [address]);
    if (url.protocol === "https:") {
      const secure = await Deno.startTls(tcp, { hostname: bare(url.hostname), alpnProtocols: ["http/1.1"] });
      connection = secure;
      signal.throwIfAborted();
      await secure.handshake();
    }
    signal.throwIfAborted();
    return { connection, address, [Symbol.dispose]: stop };
  } catch (error) {
    stop();
    throw error;
  }
}

/** Refuses what this program may not reach; nobody is asked for a permission. */
function requirePermission(hostname: string, port: number): void {
  // A name is also resolved, for which a permission for one of its ports is too little.
  const host = canonicalAddress(hostname) === null ? hostname : `${hostname}:${port}`;
  if (Deno.permissions.querySync({ name: "net", host }).state === "granted") return;
  throw new NetRefusal(
    `Cannot reach ${hostname}:${port}: expected the permission --allow-net=${host}, found it missing`,
  );
}

/**
 * Looks up the addresses of a host.
 *
 * @throws {HttpFailure} when there are none, or they may not be looked up
 */
export async function addressesOf(hostname: string): Promise<string[]> {
  if (canonicalAddress(hostname) !== null) return [bare(hostname)];
  const { lookup } = await import("node:dns/promises");
  try {
    return (await lookup(hostname, { all: true })).map(({ address }) => address);
  } catch (error) {
    throw new HttpFailure(`the name ${hostname} cannot be resolved`, { cause: error });
  }
}

async function connectToOne(
  url: URL,
  addresses: readonly string[],
  port: number,
  signal: AbortSignal,
): Promise<Deno.TcpConn> {
  let failure: unknown;
  for (const address of addresses) {
    const permission = { name: "net", host: `${canonicalAddress(address)}:${port}` } as const;
    const { state } = await Deno.permissions.query(permission);
    const hostname = state === "granted" ? address : bare(url.hostname);
    try {
      return await Deno.connect({ hostname, port, signal });
    } catch (error) {
      signal.throwIfAborted();
      failure = error;
    }
  }
  throw failure;
}

/** Without the brackets that IPv6 has in URLs. */
function bare(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, "");
}

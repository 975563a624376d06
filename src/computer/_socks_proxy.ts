import { connect, type NetPolicy, NetRefusal } from "../net/mod.ts";

/** Options of {@linkcode startSocksProxy}. */
export interface SocksProxyOptions {
  /** Which hosts and addresses may be reached. */
  readonly policy: NetPolicy;
  /** Ends it, and every connection through it. */
  readonly signal: AbortSignal;
  /** Hears of every connection that is refused: `host:port`, and why. */
  readonly onRefused: (host: string, reason: string) => void;
}

const VERSION = 5;
const CONNECT = 1;
/** What the proxy answers (RFC 1928). */
const ANSWER = { ok: 0, notAllowed: 2, failed: 5, unknownCommand: 7, unknownAddress: 8 } as const;

/**
 * Starts the way out of a browser: a SOCKS 5 proxy on a free port of this machine that connects to listed hosts alone, at addresses
 * that it has resolved and checked itself. Whatever the browser does over the network comes through here, so that nothing depends on
 * which part of it makes a request.
 *
 * Source: RFC 1928, the command CONNECT without authentication.
 *
 * @returns the port
 */
export function startSocksProxy(options: SocksProxyOptions): number {
  const { signal } = options;
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  signal.addEventListener("abort", () => listener.close(), { once: true });
  (async () => {
    for await (const connection of listener) {
      serve(connection, options).catch(() => {}); // a connection that broke is the browser's to notice
    }
  })().catch(() => {}); // the listener was closed
  return listener.addr.port;
}

async function serve(client: Deno.Conn, options: SocksProxyOptions): Promise<void> {
  const { signal, policy, onRefused } = options;
  const close = () => {
    try {
      client.close();
    } catch {
      // It is closed already.
    }
  };
  signal.addEventListener("abort", close, { once: true });
  try {
    if (signal.aborted) return;
    const target = await readTarget(client);
    if (typeof target === "number") return await answer(client, target);
    const url = URL.parse(`http://${target}/`);
    if (url === null) return await answer(client, ANSWER.unknownAddress);
    try {
      policy.checkUrl(url);
      using checked = await connect(url, policy, signal);
      await answer(client, ANSWER.ok);
      await Promise.race([pipe(client, checked.connection), pipe(checked.connection, client)]);
    } catch (error) {
      if (error instanceof NetRefusal) onRefused(target, error.message);
      await answer(client, error instanceof NetRefusal ? ANSWER.notAllowed : ANSWER.failed);
    }
  } finally {
    signal.removeEventListener("abort", close);
    close();
  }
}

/** Reads what the client wants: `host:port`, or the code of what is wrong with it. */
async function readTarget(client: Deno.Conn): Promise<string | number> {
  const [version, methods] = await readBytes(client, 2);
  if (version !== VERSION) throw new Error("expected SOCKS 5");
  await readBytes(client, methods!);
  await writeAll(client, Uint8Array.of(VERSION, 0));
  const [, command, , kind] = await readBytes(client, 4);
  const host = await readHost(client, kind!);
  const [high, low] = await readBytes(client, 2);
  if (host === undefined) return ANSWER.unknownAddress;
  return command === CONNECT ? `${host}:${high! * 256 + low!}` : ANSWER.unknownCommand;
}

/** Reads a host in the form that URLs have. */
async function readHost(client: Deno.Conn, kind: number): Promise<string | undefined> {
  if (kind === 1) return (await readBytes(client, 4)).join(".");
  if (kind === 3) {
    const [length] = await readBytes(client, 1);
    const name = new TextDecoder().decode(await readBytes(client, length!));
    return /^[A-Za-z0-9._-]+$/.test(name) ? name : undefined;
  }
  if (kind !== 4) return undefined;
  const bytes = await readBytes(client, 16);
  const groups = Array.from({ length: 8 }, (_, i) => (bytes[2 * i]! * 256 + bytes[2 * i + 1]!).toString(16));
  return `[${groups.join(":")}]`;
}

async function answer(client: Deno.Conn, code: number): Promise<void> {
  await writeAll(client, Uint8Array.of(VERSION, code, 0, 1, 0, 0, 0, 0, 0, 0));
}

async function readBytes(connection: Pick<Deno.Conn, "read">, count: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(count);
  for (let filled = 0; filled < count;) {
    const read = await connection.read(bytes.subarray(filled));
    if (read === null) throw new Error("the connection ended early");
    filled += read;
  }
  return bytes;
}

async function writeAll(connection: Pick<Deno.Conn, "write">, bytes: Uint8Array): Promise<void> {
  for (let sent = 0; sent < bytes.length;) sent += await connection.write(bytes.subarray(sent));
}

/** Carries bytes one way until there are no more. */
async function pipe(from: Pick<Deno.Conn, "read">, to: Pick<Deno.Conn, "write">): Promise<void> {
  const buffer = new Uint8Array(64 * 1024);
  try {
    while (true) {
      const read = await from.read(buffer);
      if (read === null) return;
      await writeAll(to, buffer.subarray(0, read));
    }
  } catch {
    // One side went away: so does the other.
  }
}

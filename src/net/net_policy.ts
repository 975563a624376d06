/**
 * Which hosts a sandbox's code may reach.
 *
 * @module
 */
import { canonicalAddress, specialUse, unmapped } from "./ip_address.ts";

const DEFAULT_PORTS = [80, 443] as const;
const LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?";
const ENTRY = new RegExp(`^(${LABEL}(?:\\.${LABEL})*|\\[[0-9a-f:.]+\\])(?::([1-9]\\d{0,4}))?$`);
const MAX_NAME_CHARS = 253;

/** An entry of `allowNet`, taken apart. */
export interface NetEntry {
  /** As URLs have it. */
  readonly host: string;
  readonly ports: readonly number[];
}

/** Takes an entry apart; null if it is none. */
export function parseNetEntry(entry: string): NetEntry | null {
  const [, host, port] = ENTRY.exec(entry) ?? [];
  if (host === undefined || host.length > MAX_NAME_CHARS) return null;
  const hostname = URL.parse(`http://${host}/`)?.hostname;
  // Else it is another notation of an address, such as 127.1.
  if (hostname === undefined || !host.startsWith("[") && hostname !== host) return null;
  if (port === undefined) return { host: hostname, ports: DEFAULT_PORTS };
  return Number(port) <= 65535 ? { host: hostname, ports: [Number(port)] } : null;
}

/** A request that the policy does not let pass; the message is for the code that made it. */
export class NetRefusal extends Error {}

/** What `allowNet` allows. */
export class NetPolicy {
  readonly #entries: readonly string[];
  readonly #allowed: ReadonlySet<string>;

  /** Takes entries that {@linkcode parseNetEntry} understands. */
  constructor(entries: readonly string[]) {
    this.#entries = entries;
    this.#allowed = new Set(
      entries.flatMap((entry) => {
        const { host, ports } = parseNetEntry(entry)!;
        return ports.map((port) => `${host}:${port}`);
      }),
    );
  }

  /**
   * Checks a URL before anything is done with it.
   *
   * @throws {NetRefusal}
   */
  checkUrl(url: URL): void {
    if (url.protocol !== "http:" && url.protocol !== "https:") {
      throw new NetRefusal(`Cannot request "${shown(url)}": expected http or https, found ${url.protocol}`);
    }
    if (url.username !== "" || url.password !== "") {
      throw new NetRefusal(
        `Cannot request "${
          shown(url)
        }": expected a URL without user and password; send an Authorization header`,
      );
    }
    if (this.#allowed.has(`${url.hostname}:${portOf(url)}`)) return;
    throw new NetRefusal(
      `Cannot reach ${url.hostname}:${portOf(url)}: this sandbox may reach only ${this.#entries.join(", ")}` +
        " (a host without port: ports 80 and 443)",
    );
  }

  /**
   * Picks those of a host's addresses that may be connected to.
   *
   * @throws {NetRefusal} if there are none.
   */
  pickAddresses(url: URL, addresses: readonly string[]): string[] {
    const port = portOf(url);
    const picked = addresses.filter((address) => this.#isAllowedAddress(address, port));
    if (picked.length > 0) return picked;
    const first = addresses[0];
    if (first === undefined) {
      throw new NetRefusal(`Cannot reach ${url.hostname}:${port}: the name has no address`);
    }
    throw new NetRefusal(
      `Cannot reach ${url.hostname}:${port}: it is at ${first}, a ${
        specialUse(first)
      } address, and such an address must itself be among the hosts that this sandbox may reach: ${
        this.#entries.join(", ")
      }`,
    );
  }

  #isAllowedAddress(address: string, port: number): boolean {
    if (specialUse(address) === null) return true;
    return [canonicalAddress(address), unmapped(address)].some((host) =>
      this.#allowed.has(`${host}:${port}`)
    );
  }
}

/** The port that a URL means. */
export function portOf(url: URL): number {
  return url.port === "" ? url.protocol === "https:" ? 443 : 80 : Number(url.port);
}

function shown(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}`.slice(0, 200);
}

/**
 * Which hosts may be reached, and at which addresses.
 *
 * @module
 */
import { canonicalAddress, specialUse, unmapped } from "./ip_address.ts";

const DEFAULT_PORTS = [80, 443] as const;
const LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?";
const ENTRY = new RegExp(`^(${LABEL}(?:\\.${LABEL})*|\\[[0-9a-f:.]+\\])(?::([1-9]\\d{0,4}))?$`);
const MAX_NAME_CHARS = 253;

/** An entry of a list of hosts (`allowNet`), taken apart. */
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

/** A request that the policy does not let pass; the message is for whoever made it. */
export class NetRefusal extends Error {}

/** Options of {@linkcode NetPolicy}. */
export interface NetPolicyOptions {
  /** Who may reach the hosts, for messages. Default: `this program`. */
  readonly holder?: string;
  /** Whether every public host may be reached over https, listed or not. Default: `false`. */
  readonly publicHttps?: boolean;
  /** What the list is called where it can be changed, for messages. Default: the hosts that the holder may reach. */
  readonly listName?: string;
  /** Whether those who make requests choose their headers, for messages. Default: `true`. */
  readonly choosesHeaders?: boolean;
}

/** What a list of hosts allows. */
export class NetPolicy {
  readonly #listed: string;
  /** Goes on after "a host that is". */
  readonly #inList: string;
  readonly #allowed: ReadonlySet<string>;
  readonly #holder: string;
  readonly #publicHttps: boolean;
  readonly #choosesHeaders: boolean;

  /** Takes entries that {@linkcode parseNetEntry} understands. */
  constructor(entries: readonly string[], options: NetPolicyOptions = {}) {
    const { holder = "this program", publicHttps = false, listName, choosesHeaders = true } = options;
    this.#listed = entries.length === 0 ? "none" : entries.join(", ");
    this.#inList = listName === undefined
      ? `among the hosts that ${holder} may reach: ${this.#listed}`
      : `in ${listName}, which has ${this.#listed}`;
    this.#choosesHeaders = choosesHeaders;
    this.#holder = holder;
    this.#publicHttps = publicHttps;
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
      const advice = this.#choosesHeaders ? "; send an Authorization header" : "";
      throw new NetRefusal(
        `Cannot request "${shown(url)}": expected a URL without user and password${advice}`,
      );
    }
    if (this.#allowed.has(`${url.hostname}:${portOf(url)}`)) return;
    if (!this.#publicHttps) {
      throw new NetRefusal(
        `Cannot reach ${url.hostname}:${portOf(url)}: ${this.#holder} may reach only ${this.#listed}` +
          " (a host without port: ports 80 and 443)",
      );
    }
    if (url.protocol === "https:") return; // its addresses are checked when they are known
    throw new NetRefusal(
      `Cannot request "${shown(url)}": expected https, or a host that is ${this.#inList}`,
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
      } address, and such an address must itself be ${this.#inList}`,
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

/** Without user and password, and without the query, which may hold secrets too. */
function shown(url: URL): string {
  const { href, protocol, host, pathname } = url;
  return (host === "" ? href.replace(/[?#].*$/s, "") : `${protocol}//${host}${pathname}`).slice(0, 200);
}

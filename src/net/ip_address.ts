/**
 * Which IP addresses are on the public internet.
 *
 * @module
 */

/** First address, length of the prefix, what it is for. */
type Range = readonly [first: string, prefix: number, use: string];

/** All special ranges of IPv4 (IANA's registry, RFC 6890), multicast and the reserved rest. */
const V4: readonly Range[] = [
  ["0.0.0.0", 8, "unspecified"],
  ["10.0.0.0", 8, "private"],
  ["100.64.0.0", 10, "private"],
  ["127.0.0.0", 8, "loopback"],
  ["169.254.0.0", 16, "link-local"],
  ["172.16.0.0", 12, "private"],
  ["192.0.0.0", 24, "reserved"],
  ["192.0.2.0", 24, "reserved"],
  ["192.88.99.0", 24, "reserved"],
  ["192.168.0.0", 16, "private"],
  ["198.18.0.0", 15, "private"],
  ["198.51.100.0", 24, "reserved"],
  ["203.0.113.0", 24, "reserved"],
  ["224.0.0.0", 4, "multicast"],
  ["240.0.0.0", 4, "reserved"],
];

/** Special ranges of IPv6 with a name of their own, and those inside of what is public. */
const V6: readonly Range[] = [
  ["::", 128, "unspecified"],
  ["::1", 128, "loopback"],
  ["fc00::", 7, "private"],
  ["fec0::", 10, "private"],
  ["fe80::", 10, "link-local"],
  ["ff00::", 8, "multicast"],
  ["2001::", 23, "reserved"],
  ["2001:db8::", 32, "reserved"],
  ["3fff::", 20, "reserved"],
];

/** What is public in IPv6. */
const V6_PUBLIC: Range = ["2000::", 3, "public"];

/** Prefixes that carry an IPv4 address, and the byte where it is. */
const EMBEDDING: readonly (readonly [first: string, prefix: number, at: number])[] = [
  ["::ffff:0:0", 96, 12],
  ["64:ff9b::", 96, 12],
  ["2002::", 16, 2],
];

/** The form of an address that URLs have, with IPv6 in brackets; null for what is no address. */
export function canonicalAddress(address: string): string | null {
  const bare = address.replace(/^\[|\]$/g, "");
  const host = bare.includes(":") ? `[${bare}]` : bare;
  const hostname = URL.parse(`http://${host}/`)?.hostname;
  if (hostname === undefined) return null;
  return host.startsWith("[") || /^\d+(\.\d+){3}$/.test(host) && hostname === host ? hostname : null;
}

/**
 * Tells what an address is for if it is not public: `loopback`, `private`, `link-local`, `multicast`, `unspecified` or
 * `reserved`; null if it is public. What is no address is reserved.
 */
export function specialUse(address: string): string | null {
  const canonical = canonicalAddress(address);
  if (canonical === null) return "reserved";
  const bytes = toBytes(canonical);
  if (bytes.length === 4) return useOfV4(bytes);
  const embedding = EMBEDDING.find(([first, prefix]) => isWithin(bytes, first, prefix));
  if (embedding !== undefined) return useOfV4(bytes.subarray(embedding[2], embedding[2] + 4));
  const special = V6.find(([first, prefix]) => isWithin(bytes, first, prefix));
  if (special !== undefined) return special[2];
  return isWithin(bytes, V6_PUBLIC[0], V6_PUBLIC[1]) ? null : "reserved";
}

/** The IPv4 address that an IPv6 address stands for, as `::ffff:127.0.0.1` does; else the canonical address itself. */
export function unmapped(address: string): string | null {
  const canonical = canonicalAddress(address);
  if (canonical === null || !canonical.startsWith("[")) return canonical;
  const bytes = toBytes(canonical);
  return isWithin(bytes, "::ffff:0:0", 96) ? bytes.subarray(12).join(".") : canonical;
}

function useOfV4(bytes: Uint8Array): string | null {
  return V4.find(([first, prefix]) => isWithin(bytes, first, prefix))?.[2] ?? null;
}

function isWithin(bytes: Uint8Array, first: string, prefix: number): boolean {
  const start = toBytes(first.includes(":") ? `[${first}]` : first);
  for (let bit = 0; bit < prefix; bit += 8) {
    const mask = prefix - bit >= 8 ? 0xff : 0xff << (8 - (prefix - bit)) & 0xff;
    if ((bytes[bit / 8]! & mask) !== (start[bit / 8]! & mask)) return false;
  }
  return true;
}

/** The bytes of an address in the form of URLs. */
function toBytes(canonical: string): Uint8Array {
  if (!canonical.startsWith("[")) return Uint8Array.from(canonical.split("."), Number);
  const [head = "", tail] = new URL(`http://${canonical}/`).hostname.slice(1, -1).split("::");
  const before = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? 0 : 8 - before.length - after.length;
  const groups = [...before, ...Array(zeros).fill("0"), ...after].map((group) => parseInt(group, 16));
  return Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff]));
}

import assert from "node:assert/strict";
import { canonicalAddress, specialUse } from "../../src/net/ip_address.ts";
import { NetPolicy, NetRefusal, parseNetEntry } from "../../src/net/net_policy.ts";

Deno.test("specialUse() tells what is not public, in every notation of it", () => {
  const cases: Record<string, string[]> = {
    loopback: ["127.0.0.1", "127.255.255.255", "::1", "[::1]", "::ffff:127.0.0.1", "::ffff:7f00:1"],
    private: [
      "10.0.0.1",
      "172.16.0.1",
      "172.31.255.255",
      "192.168.1.1",
      "100.64.0.1",
      "198.18.0.1",
      "fd00::1",
      "fc00::",
      "fec0::1",
      "64:ff9b::10.0.0.1",
      "2002:0a00:0001::1",
    ],
    "link-local": ["169.254.169.254", "fe80::1", "febf::1", "::ffff:169.254.169.254"],
    multicast: ["224.0.0.1", "239.255.255.255", "ff02::1"],
    unspecified: ["0.0.0.0", "0.1.2.3", "::", "::ffff:0.0.0.0"],
    reserved: [
      "240.0.0.1",
      "255.255.255.255",
      "192.0.2.1",
      "::127.0.0.1",
      "100::1",
      "2001::1",
      "2001:db8::1",
      "3fff::1",
      "fe80::1%eth0",
      "host",
      "",
      "127.1",
      "0x7f.0.0.1",
    ],
  };
  for (const [use, addresses] of Object.entries(cases)) {
    for (const address of addresses) assert.equal(specialUse(address), use, address);
  }
  for (
    const address of [
      "8.8.8.8",
      "172.32.0.1",
      "100.128.0.1",
      "2606:4700::1111",
      "::ffff:8.8.8.8",
      "64:ff9b::8.8.8.8",
    ]
  ) assert.equal(specialUse(address), null, address);
});

Deno.test("canonicalAddress() gives the form that URLs have", () => {
  assert.equal(canonicalAddress("0:0:0:0:0:0:0:1"), "[::1]");
  assert.equal(canonicalAddress("[::FFFF:1.2.3.4]"), "[::ffff:102:304]");
  assert.equal(canonicalAddress("1.2.3.4"), "1.2.3.4");
  for (const name of ["localhost", "1.2.3", "1.2.3.256", "a.b", "1.2.3.4.5"]) {
    assert.equal(canonicalAddress(name), null);
  }
});

Deno.test("parseNetEntry() takes exact hosts with an optional port, nothing else", () => {
  assert.deepEqual(parseNetEntry("example.org"), { host: "example.org", ports: [80, 443] });
  assert.deepEqual(parseNetEntry("a-b.example.org:8080"), { host: "a-b.example.org", ports: [8080] });
  assert.deepEqual(parseNetEntry("127.0.0.1:1"), { host: "127.0.0.1", ports: [1] });
  assert.deepEqual(parseNetEntry("[0:0::1]:65535"), { host: "[::1]", ports: [65535] });
  for (
    const entry of [
      "",
      "*",
      "*.example.org",
      ".example.org",
      "example.org.",
      "Example.org",
      "exämple.org",
      "http://example.org",
      "example.org/path",
      "example.org:0",
      "example.org:080",
      "example.org:65536",
      "example.org:",
      "user@example.org",
      "::1",
      "[::1",
      "[::g]",
      "[fe80::1%eth0]",
      "127.1",
      "0x7f.0.0.1",
      "2130706433",
      "1.2.3.4.5",
      "a b",
      "a\n",
      "-a.org",
      `${"a".repeat(64)}.org`,
    ]
  ) assert.equal(parseNetEntry(entry), null, entry);
});

Deno.test("NetPolicy lets exact hosts and ports pass, whatever the URL looks like", () => {
  const policy = new NetPolicy(["example.org", "api.test:8080", "127.0.0.1:9000", "[::1]:9000"]);
  for (
    const url of [
      "http://example.org/",
      "https://example.org/a?b#c",
      "https://EXAMPLE.org:443/",
      "http://example.org:443/",
      "http://api.test:8080/",
      "http://127.1:9000/",
      "http://2130706433:9000/",
      "http://[0:0::1]:9000/",
    ]
  ) policy.checkUrl(new URL(url));
  for (
    const url of [
      "http://example.org:8080/",
      "http://sub.example.org/",
      "http://example.org.evil.test/",
      "http://example.org./",
      "http://evil.test/example.org",
      "http://example.org@evil.test/",
      "http://user:secret@example.org/",
      "http://api.test/",
      "http://127.0.0.1/",
      "http://[::ffff:127.0.0.1]:9000/",
      "http://localhost:9000/",
      "file:///etc/passwd",
      "ftp://example.org/",
      "data:text/plain,a",
      "ws://example.org/",
    ]
  ) assert.throws(() => policy.checkUrl(new URL(url)), NetRefusal, url);
});

Deno.test("NetPolicy picks public addresses, and others only if they are listed themselves", () => {
  const policy = new NetPolicy(["example.org", "127.0.0.1:443", "[::1]:8080"]);
  const pick = (url: string, addresses: string[]) => policy.pickAddresses(new URL(url), addresses);
  assert.deepEqual(pick("https://example.org/", ["10.0.0.1", "8.8.8.8"]), ["8.8.8.8"]);
  assert.deepEqual(pick("https://example.org/", ["127.0.0.1"]), ["127.0.0.1"]);
  assert.deepEqual(pick("https://example.org/", ["::ffff:127.0.0.1"]), ["::ffff:127.0.0.1"]);
  assert.throws(() => pick("http://example.org:8080/", ["127.0.0.1"]), /127\.0\.0\.1, a loopback address/);
  assert.deepEqual(pick("http://example.org:8080/", ["127.0.0.1", "::1"]), ["::1"]);
  assert.throws(() => pick("https://example.org/", ["169.254.169.254", "fd00::1"]), /a link-local address/);
  assert.throws(() => pick("https://example.org/", []), /the name has no address/);
});

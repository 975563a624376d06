import assert from "node:assert/strict";
import { startSocksProxy } from "../../src/computer/_socks_proxy.ts";
import { NetPolicy } from "../../src/net/mod.ts";

/** Sends bytes to a proxy that lets one address pass, and gives all that it answers; what is refused is listed. */
async function talk(
  allowed: string,
  ...messages: number[][]
): Promise<{ bytes: number[]; refused: string[] }> {
  const ending = new AbortController();
  const refused: string[] = [];
  const port = startSocksProxy({
    policy: new NetPolicy([allowed], { holder: "the browser" }),
    signal: ending.signal,
    onRefused: (host) => refused.push(host),
  });
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const bytes: number[] = [];
  try {
    for (const message of messages) await connection.write(Uint8Array.from(message));
    const buffer = new Uint8Array(1024);
    for (let read; (read = await connection.read(buffer)) !== null;) bytes.push(...buffer.subarray(0, read));
  } catch {
    // The proxy closed the connection with something of ours unread.
  }
  ending.abort();
  return { bytes, refused };
}

const HELLO = [5, 1, 0];
const WELCOME = [5, 0];
const answer = (code: number) => [...WELCOME, 5, code, 0, 1, 0, 0, 0, 0, 0, 0];
const to = (
  name: string,
  port: number,
  command = 1,
) => [5, command, 0, 3, name.length, ...new TextEncoder().encode(name), port >> 8, port & 0xff];

Deno.test("startSocksProxy() connects to what is listed, and carries bytes both ways", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const served = (async () => {
    using connection = await listener.accept();
    const buffer = new Uint8Array(4);
    await connection.read(buffer);
    await connection.write(buffer.toReversed());
  })();
  const { port } = listener.addr;
  const { bytes } = await talk(`127.0.0.1:${port}`, HELLO, [
    ...[5, 1, 0, 1, 127, 0, 0, 1, port >> 8, port & 0xff],
    ...[1, 2, 3, 4],
  ]);
  await served;
  assert.deepEqual(bytes, [...answer(0), 4, 3, 2, 1]);
});

Deno.test("startSocksProxy() refuses hosts and addresses that are not listed", async () => {
  for (
    const [target, host] of [
      [to("other.example", 80), "other.example:80"],
      [to("localhost", 81), "localhost:81"], // its address is not listed
      [[5, 1, 0, 1, 10, 0, 0, 1, 0, 80], "10.0.0.1:80"],
      [[5, 1, 0, 4, ...Array(15).fill(0), 1, 0, 80], "[0:0:0:0:0:0:0:1]:80"],
    ] as const
  ) {
    assert.deepEqual(await talk("localhost:81", HELLO, [...target]), { bytes: answer(2), refused: [host] });
  }
});

Deno.test("startSocksProxy() refuses other commands, and what is no SOCKS 5", async () => {
  const bind = await talk("a.example", HELLO, to("a.example", 80, 2));
  const udp = await talk("a.example", HELLO, to("a.example", 80, 3));
  assert.deepEqual([bind.bytes, udp.bytes], [answer(7), answer(7)]);
  assert.deepEqual((await talk("a.example", HELLO, to("a/../b", 80))).bytes, answer(8));
  assert.deepEqual(
    (await talk("a.example", [...new TextEncoder().encode("GET / HTTP/1.1\r\n\r\n")])).bytes,
    [],
  );
});

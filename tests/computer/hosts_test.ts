import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import {
  type BlockedRequest,
  type BrowserComputer,
  ComputerFailure,
  openBrowserComputer,
} from "../../src/computer/mod.ts";
import { browserTest, HAS_BROWSER } from "./_browser.ts";
import { serveSite, type Site } from "./_site.ts";

/** Somebody whom the browser must not reach: counts connections and datagrams. */
class Stranger implements Disposable {
  readonly #tcp = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #udp = createSocket("udp4");
  readonly port: number;
  connections = 0;
  datagrams = 0;

  constructor() {
    this.port = this.#tcp.addr.port;
    this.#udp.on("message", () => this.datagrams++).bind(this.port, "127.0.0.1");
    (async () => {
      for await (const connection of this.#tcp) {
        this.connections++;
        connection.close();
      }
    })();
  }

  get host(): string {
    return `127.0.0.1:${this.port}`;
  }

  [Symbol.dispose](): void {
    this.#tcp.close();
    this.#udp.close();
  }
}

let site: Site;
let stranger: Stranger;
let computer: BrowserComputer;
const heard: BlockedRequest[] = [];

/** A page that tries something and reports when it has failed or worked. */
const trying = (script: string) =>
  `<script>(async () => { ${script} })().then(
  (v) => report("worked " + location.pathname + " " + (v ?? "")), () => report("failed " + location.pathname))</script>`;
const element = (make: string) =>
  trying(
    `${make}; await new Promise((resolve, reject) => { e.onload = resolve; e.onerror = reject; document.head.append(e) })`,
  );

/** What a page may try to reach a stranger: each fails. */
const ATTEMPTS: Record<string, (host: string) => string> = {
  "/img": (host) => element(`const e = new Image(); e.src = "http://${host}/x.png"`),
  "/script": (host) => element(`const e = document.createElement("script"); e.src = "http://${host}/x.js"`),
  "/style": (host) =>
    element(
      `const e = document.createElement("link"); e.rel = "stylesheet"; e.href = "http://${host}/x.css"`,
    ),
  "/fetch": (host) => trying(`await fetch("http://${host}/", { mode: "no-cors" })`),
  "/post": (host) => trying(`await fetch("http://${host}/", { method: "POST", body: "x", mode: "no-cors" })`),
  "/https": (host) => trying(`await fetch("https://${host}/", { mode: "no-cors" })`),
  "/localhost": (host) =>
    trying(`await fetch("http://localhost:${host.split(":")[1]}/", { mode: "no-cors" })`),
  "/ipv6": (host) => trying(`await fetch("http://[::1]:${host.split(":")[1]}/", { mode: "no-cors" })`),
  "/public": () => trying(`await fetch("http://example.com/", { mode: "no-cors" })`),
  "/redirected": () => trying(`await fetch("/redirect", { mode: "no-cors" })`),
  "/websocket": (host) =>
    trying(`await new Promise((resolve, reject) => {
      const s = new WebSocket("ws://${host}/"); s.onopen = resolve; s.onerror = reject })`),
  "/events": (host) =>
    trying(`await new Promise((resolve, reject) => {
      const s = new EventSource("http://${host}/"); s.onopen = resolve; s.onerror = reject })`),
  "/worker": (host) =>
    trying(
      `const code = 'fetch("http://${host}/", { mode: "no-cors" }).then(() => postMessage(1), () => postMessage(0))';
      const worker = new Worker(URL.createObjectURL(new Blob([code])));
      if (await new Promise((resolve) => worker.onmessage = (e) => resolve(e.data)) === 0) throw 0`,
    ),
  "/sharedworker": (host) =>
    trying(`const code = 'onconnect = (e) => fetch("http://${host}/", { mode: "no-cors" })' +
        '.then(() => e.ports[0].postMessage(1), () => e.ports[0].postMessage(0))';
      const worker = new SharedWorker(URL.createObjectURL(new Blob([code])));
      if (await new Promise((resolve) => worker.port.onmessage = (e) => resolve(e.data)) === 0) throw 0`),
  "/webtransport": (host) => trying(`await new WebTransport("https://${host}/").ready`),
  "/serviceworker": () =>
    trying(`navigator.serviceWorker.register("/sw.js").catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, 300));
      if ((await navigator.serviceWorker.getRegistrations()).length === 0) throw 0`),
  "/file": () => trying(`await fetch("file:///etc/passwd")`),
};

/** What a page may try of which it hears nothing: these only must not reach anybody. */
const SILENT: Record<string, (host: string) => string> = {
  "/iframe": (host) => `<iframe src="http://${host}/"></iframe>${trying("")}`,
  "/fileframe": () => `<iframe src="file:///etc/passwd"></iframe>${trying("")}`,
  "/beacon": (host) => trying(`navigator.sendBeacon("http://${host}/", "x")`),
  "/hints": (host) =>
    `<link rel="preconnect" href="http://${host}"><link rel="prefetch" href="http://${host}/p">
     <link rel="dns-prefetch" href="http://stranger.example"><link rel="icon" href="http://${host}/i.png">${
      trying("")
    }`,
  "/webrtc": (host) =>
    trying(`const peer = new RTCPeerConnection({ iceServers: [
        { urls: "stun:${host}" }, { urls: "turn:${host}?transport=tcp", username: "u", credential: "c" }] });
      peer.createDataChannel("x");
      await peer.setLocalDescription(await peer.createOffer());
      await new Promise((resolve) => { setTimeout(resolve, 1500);
        peer.onicegatheringstatechange = () => peer.iceGatheringState === "complete" && resolve() })`),
};

if (HAS_BROWSER) {
  Deno.test.beforeAll(async () => {
    stranger = new Stranger();
    const pages = Object.fromEntries(
      Object.entries({ ...ATTEMPTS, ...SILENT }).map(([path, make]) => [path, make(stranger.host)]),
    );
    const away = `http://${stranger.host}/`;
    const link = (attributes: string) =>
      `<a ${attributes} style="position:absolute;left:0;top:0;width:90px;height:90px">away</a>`;
    const field = `<input style="position:absolute;left:0;top:180px;width:200px;height:40px"
      onkeydown="if (event.key === 'Enter') report(this.value + ' on ' + location.pathname)">`;
    site = serveSite({
      ...pages,
      "/redirect": () => Response.redirect(away),
      "/away": link(`href="${away}"`),
      "/popup": link(`href="${away}" target="_blank"`) + field,
      "/popup-at-once": `${field}<script>open("${away}")</script>`,
      "/ping": link(`href="#" ping="${away}"`),
      "/refresh": `<meta http-equiv="refresh" content="0;url=${away}">`,
      "/form": `<form method="post" action="${away}"><input name="secret" value="x">
        <button style="position:absolute;left:0;top:0;width:90px;height:90px">Send</button></form>`,
      "/sw.js": () => new Response("", { headers: { "content-type": "text/javascript" } }),
      "/socket": (request) => {
        const { socket, response } = Deno.upgradeWebSocket(request);
        socket.onmessage = ({ data }) => socket.send(`echo ${data}`);
        return response;
      },
      "/talk": trying(`return await new Promise((resolve, reject) => {
        const s = new WebSocket("ws://" + location.host + "/socket");
        s.onopen = () => s.send("hello"); s.onmessage = (e) => resolve(e.data); s.onerror = reject })`),
    });
    computer = await openBrowserComputer({
      allowHosts: [site.host],
      width: 640,
      height: 480,
      onBlocked: (request) => heard.push(request),
    });
  });
  Deno.test.afterAll(async () => {
    await computer.close();
    stranger[Symbol.dispose]();
    await site[Symbol.asyncDispose]();
  });
}

function assertUnreached(): void {
  assert.deepEqual([stranger.connections, stranger.datagrams], [0, 0]);
}

browserTest("a page reaches no host that is not listed, whatever it tries", async (t) => {
  for (const path of Object.keys(ATTEMPTS)) {
    await t.step(path, async () => {
      await computer.goto(`${site.origin}${path}`);
      await site.reported(`failed ${path}`);
      assertUnreached();
    });
  }
  for (const path of Object.keys(SILENT)) {
    await t.step(path, async () => {
      await computer.goto(`${site.origin}${path}`);
      await site.reported(`worked ${path} `);
      assertUnreached();
    });
  }
});

browserTest(
  "a window that cannot be opened does not take the place of the page that opened it",
  async (t) => {
    for (const path of ["/popup", "/popup-at-once"]) {
      await t.step(path, async () => {
        const address = `${site.origin}${path}`;
        computer.takeNotes();
        await computer.goto(address);
        await computer.act({ type: "click", x: 5, y: 5 });
        let notes = "";
        for (let i = 0; i < 10 && !notes.includes("could not open a new window"); i++) {
          await computer.act({ type: "wait" });
          notes += computer.takeNotes().join();
        }
        assert.match(notes, /could not open a new window/);
        assert.equal(computer.currentUrl, address);
        await computer.act({ type: "click", x: 5, y: 200 });
        await computer.act({ type: "type", text: "Tulips" });
        await computer.act({ type: "keypress", keys: ["ENTER"] });
        await site.reported(`Tulips on ${path}`);
        assertUnreached();
      });
    }
  },
);

browserTest("a page that leads to a host that is not listed is told of", async (t) => {
  const click = { type: "click", x: 5, y: 5 } as const;
  const reason = `Cannot reach ${stranger?.host}: the browser may reach only`;
  for (const path of ["/away", "/form", "/popup"]) {
    await t.step(path, async () => {
      await computer.goto(`${site.origin}${path}`);
      computer.takeNotes();
      await computer.act(click);
      let notes = computer.takeNotes().join("\n");
      for (let waits = 0; waits < 10 && !notes.includes(reason); waits++) { // a window opens when it opens
        await computer.act({ type: "wait" });
        notes += computer.takeNotes().join("\n");
      }
      assert.match(notes, new RegExp(`could not be opened. ${reason}`));
      assertUnreached();
    });
  }
  await t.step("/refresh", async () => {
    await computer.goto(`${site.origin}/refresh`);
    await computer.act({ type: "wait" });
    assert.match(computer.takeNotes().join("\n"), new RegExp(reason));
    assertUnreached();
  });
  await t.step("/redirect", async () => {
    await assert.rejects(computer.goto(`${site.origin}/redirect`), ComputerFailure);
    assert.match(computer.takeNotes().join("\n"), new RegExp(reason));
    assertUnreached();
  });
  await t.step("/ping", async () => {
    await computer.goto(`${site.origin}/ping`);
    await computer.act(click);
    assertUnreached();
  });
  await t.step("the address bar", async () => {
    await assert.rejects(computer.goto(`http://${stranger.host}/`), new RegExp(reason));
    await assert.rejects(computer.goto("http://example.com/"), /the browser may reach only 127\.0\.0\.1/);
  });
});

browserTest("blocked and onBlocked list what was refused, with what it was to be", () => {
  const own = computer.blocked.filter(({ host }) => host === stranger.host);
  const kinds = new Set(own.map(({ kind }) => kind));
  for (const kind of ["image", "script", "stylesheet", "fetch", "document"]) {
    assert.ok(kinds.has(kind), `${kind} among ${[...kinds]}`);
  }
  assert.ok(own.some(({ url }) => url === `http://${stranger.host}/x.png`));
  assert.ok(heard.length > 0);
});

browserTest("a WebSocket to a listed host works", async () => {
  await computer.goto(`${site.origin}/talk`);
  await site.reported("worked /talk echo hello");
});

browserTest("a listed name at a private address is refused unless the address is listed", async () => {
  const { port } = new URL(site.origin);
  const startUrl = `http://localhost:${port}/talk`;
  await assert.rejects(
    openBrowserComputer({ allowHosts: [`localhost:${port}`], startUrl }),
    (error: Error) => error instanceof ComputerFailure,
  );
  await using own = await openBrowserComputer({ allowHosts: [`localhost:${port}`, site.host], startUrl });
  assert.equal(own.currentUrl, startUrl);
});

import assert from "node:assert/strict";
import { localStore, sqliteStore } from "../../src/log/mod.ts";
import { recordingRunner } from "../../src/run/mod.ts";
import { NativeTactic } from "../../src/tactic/mod.ts";
import { scriptedInvoker } from "../../src/testing/mod.ts";

class Tells extends NativeTactic<string[], string> {
  name = "tells";
  agentGroup = ["teller"];
  async call(texts: string[]): Promise<string> {
    let reply = "";
    for (const [n, text] of texts.entries()) {
      const agent = this.agent("teller");
      if (n % 2 === 0) agent.open(`dialog ${n}`);
      agent.receive(text);
      reply = String((await agent.respond()).content);
    }
    return reply;
  }
}

for (const kind of ["sqlite", "local"] as const) {
  Deno.test(`${kind}: long messages of several requests are there again, each in its place`, async () => {
    const dir = await Deno.makeTempDir();
    const logStore = kind === "sqlite" ? sqliteStore(`${dir}/log.sqlite`) : localStore(`${dir}/log`);
    const config = {
      agent_configs: [{ name: "teller", model_name: "m", system_prompt: "You listen. ".repeat(60) }],
    };
    const tactic = new Tells({ config, logStore, invoker: scriptedInvoker(["1", "2", "3", "4", "5"]) });
    const texts = ["a", "b", "c", "d", "e"].map((letter) => `"${letter}" `.repeat(2_000));
    const beside = recordingRunner();
    const session = await tactic.run(texts, { steps: beside, returnSession: true });
    const { steps } = await logStore.loadSessionRecord(session.sessionId);
    assert.deepEqual(steps.map(({ input }) => input), beside.steps.map(({ input }) => input));
    assert.deepEqual(
      steps.map(({ requestHash }) => requestHash),
      beside.steps.map(({ requestHash }) => requestHash),
    );
    await logStore.deleteSession(session.sessionId);
    if (kind === "local") assert.deepEqual([...Deno.readDirSync(`${dir}/log/.blobs`)], []);
    await logStore.close();
    await Deno.remove(dir, { recursive: true });
  });
}

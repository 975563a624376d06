/** A run whose program is killed at its second model call: `_dying_run.ts <log file>`. */
import { scriptedInvoker } from "@lllm/lllm/testing";
import { sqliteStore } from "@lllm/lllm/log";
import { Research, researchReplies } from "./_programs.ts";

const script = scriptedInvoker(researchReplies());
let calls = 0;
const invoker = {
  call: (request: Parameters<typeof script.call>[0]) => {
    if (++calls === 2) Deno.kill(Deno.pid, "SIGKILL");
    return script.call(request);
  },
};
await new Research({ logStore: sqliteStore(Deno.args[0]!), invoker }).run("What about it?");

// deno-lint-ignore-file no-console -- a program that tests start
/** Opens a browser at the first argument's address and does what each line of stdin says, an action in JSON; tells what came of it. */
import { openBrowserComputer } from "../../src/computer/mod.ts";

const [address = ""] = Deno.args;
const computer = await openBrowserComputer({ allowHosts: [new URL(address).host], startUrl: address });
console.log("ready");
let rest = "";
for await (const piece of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
  const lines = (rest + piece).split("\n");
  rest = lines.pop()!;
  for (const line of lines) {
    const outcome = computer.act(JSON.parse(line)).then(() => computer.screenshot()).then(() => "done");
    console.log(await outcome.catch((error: Error) => error.message));
  }
}
await computer.close();

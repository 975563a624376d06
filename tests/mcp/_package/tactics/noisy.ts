// deno-lint-ignore-file no-console -- what a package writes must not reach the client
import process from "node:process";
import type { CallContext } from "@lllm/lllm/run";
import { Tactic } from "@lllm/lllm/tactic";
import { z } from "zod";

const Task = z.object({ words: z.array(z.string()), wait: z.boolean().optional() });

/** Joins words, and writes to stdout in every way that there is. */
export class Noisy extends Tactic<z.infer<typeof Task>, { joined: string }> {
  name = "noisy";
  override description = "Joins words";
  override inputSchema = Task;
  override outputSchema = z.object({ joined: z.string() });
  async call({ words, wait }: z.infer<typeof Task>, { signal }: CallContext): Promise<{ joined: string }> {
    console.log("console");
    process.stdout.write("process\n");
    Deno.stdout.writeSync(new TextEncoder().encode("sync\n"));
    await Deno.stdout.write(new TextEncoder().encode("async\n"));
    if (wait === true) {
      await new Promise((_, reject) => {
        signal.addEventListener("abort", () => {
          console.log("was aborted");
          reject(signal.reason);
        });
      });
    }
    if (words.length === 0) throw new Error("there are no words");
    return { joined: words.join(" ") };
  }
}

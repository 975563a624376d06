import assert from "node:assert/strict";
import { defineProxy, type ProxyClass, ProxyManager } from "../../src/proxies/mod.ts";
import type { ApprovalRecord, ApprovalRequest, OnApproval } from "../../src/run/mod.ts";
import { createSandbox } from "../../src/sandbox/mod.ts";
import { AgentCallSession } from "../../src/session/mod.ts";
import { type InBoth, LANGUAGES, type Outcome, runCells } from "./_code_mode.ts";

interface Payment {
  readonly to: string;
  readonly amount: number;
}

/** A bank whose payments need approval; `paid` lists those that were made. */
function createBank(): { Bank: ProxyClass; paid: Payment[] } {
  const paid: Payment[] = [];
  const Bank = defineProxy({
    path: "bank",
    name: "Bank",
    description: "Accounts and payments",
    endpoints: {
      balance: { description: "What is left", handler: () => 100 },
      pay: {
        description: "Pays somebody",
        params: { "to*": ["string", "Ann"], "amount*": ["number", 5] },
        needsApproval: true,
        handler: (payment: Payment) => `paid ${paid.push(payment)}`,
      },
    },
  });
  return { Bank, paid };
}

const PAY: InBoth = {
  python: 'receipt = CALL_API("bank/pay", {"to": "Ann", "amount": 5})\nprint("receipt:", receipt)',
  typescript:
    'const receipt = await CALL_API("bank/pay", { to: "Ann", amount: 5 });\nconsole.log("receipt:", receipt);',
};
/** Tries to pay, and goes on if it cannot. */
const TRY_PAY: InBoth = {
  python: `kept = 1
try:
    CALL_API("bank/pay", {"to": "Ann", "amount": 5})
except Exception as error:
    print(f"refused: {error}")
print("left:", CALL_API("bank/balance"))`,
  typescript: `const kept = 1;
try {
  await CALL_API("bank/pay", { to: "Ann", amount: 5 });
} catch (error) {
  console.log("refused: " + error.message);
}
console.log("left:", await CALL_API("bank/balance"));`,
};

const REQUEST: Omit<ApprovalRequest, "callId"> = {
  agentName: "coder",
  toolName: "bank/pay",
  arguments: { to: "Ann", amount: 5 },
};

/** Checks that session, events and record tell the same of the one approval, and gives it. */
function audited({ session, events, record }: Outcome): ApprovalRecord {
  const agentSession = session.agentSessions["coder"]![0]!;
  const approvals = Object.values(agentSession.approvals).flat();
  assert.equal(approvals.length, 1);
  const approval = approvals[0]!;
  const { callId, ...request } = approval.request;
  assert.deepEqual(request, REQUEST);
  assert.match(callId, /run_\w+#0\/cell#0\/api:bank\/pay#0$/);
  assert(!Number.isNaN(Date.parse(approval.askedAt)) && approval.waitMs >= 0);

  const told = events.filter((event) => event.type === "approval_start" || event.type === "approval_end");
  assert.deepEqual(told, [
    { type: "approval_start", request: approval.request, agentName: "coder", step: 0 },
    { type: "approval_end", approval, agentName: "coder", step: 0 },
  ]);
  const steps = record!.steps.filter((step) => step.name === "approval");
  assert.deepEqual(steps.map(({ path, input }) => [path, input]), [[
    `${callId}/approval#0`,
    approval.request,
  ]]);
  if (approval.cause !== "cancelled") assert.deepEqual(steps[0]!.output, approval);
  const loaded = AgentCallSession.fromJSON(JSON.parse(JSON.stringify(agentSession)));
  assert.deepEqual(loaded.approvals, agentSession.approvals);
  return approval;
}

for (const language of LANGUAGES) {
  Deno.test(`onApproval() pauses a cell of ${language}, whose time limit stands still, until it approves`, async () => {
    const { Bank, paid } = createBank();
    const outcome = await runCells(language, [PAY[language]], {
      proxies: { Bank },
      proxy: { timeout: 1 },
      run: {
        onApproval: async () => {
          await new Promise((resolve) => setTimeout(resolve, 1_400)); // longer than the cell may run
          return { decision: "approve", by: "Grace" };
        },
      },
    });
    assert.deepEqual(outcome.told, ["receipt: paid 1"]);
    assert.deepEqual(paid, [{ to: "Ann", amount: 5 }]);
    const { decision, cause, by, waitMs } = audited(outcome);
    assert.deepEqual([decision, cause, by], ["approve", "answer", "Grace"]);
    assert(waitMs >= 1_300);
  });

  Deno.test(`onApproval() denies: the cell of ${language} is told who and why, and can go on`, async () => {
    const { Bank, paid } = createBank();
    const outcome = await runCells(language, [TRY_PAY[language], "kept"], {
      proxies: { Bank },
      run: { onApproval: () => ({ decision: "deny", by: "Grace", reason: "too much" }) },
    });
    assert.deepEqual(outcome.told, [
      'refused: Cannot call API "bank/pay": expected an approval, found that it was denied by Grace: too much. ' +
      "The call was not made; do not repeat it, go on without it\nleft: 100",
      "=> 1",
    ]);
    assert.deepEqual(paid, []);
    const { decision, cause, by, reason } = audited(outcome);
    assert.deepEqual([decision, cause, by, reason], ["deny", "answer", "Grace", "too much"]);
  });

  Deno.test(`approvalTimeoutMs refuses a call of a cell of ${language}; a later decision is dropped`, async () => {
    const { Bank, paid } = createBank();
    const late = Promise.withResolvers<"approve">();
    let isUseless: AbortSignal | undefined;
    const outcome = await runCells(language, [TRY_PAY[language]], {
      proxies: { Bank },
      run: {
        approvalTimeoutMs: 40,
        onApproval: (_request, { signal }) => {
          isUseless = signal;
          return late.promise;
        },
      },
    });
    assert.match(
      outcome.told[0]!,
      /^refused: Cannot call API "bank\/pay": expected an approval, found no decision within \d+ ms\. The call was not made; .*\nleft: 100$/,
    );
    const { decision, cause, waitMs } = audited(outcome);
    assert.deepEqual([decision, cause], ["deny", "timeout"]);
    assert(waitMs >= 39);
    assert.equal((isUseless!.reason as DOMException).name, "TimeoutError");
    late.resolve("approve");
    await late.promise;
    assert.deepEqual(paid, []);
  });

  Deno.test(`a run that is cancelled while a cell of ${language} waits for approval ends at once`, async () => {
    const { Bank, paid } = createBank();
    const late = Promise.withResolvers<"approve">();
    const stop = new AbortController();
    const reason = new Error("stop");
    const outcome = await runCells(language, [PAY[language]], {
      proxies: { Bank },
      run: {
        signal: stop.signal,
        onApproval: () => {
          stop.abort(reason);
          return late.promise;
        },
      },
    });
    assert.equal(outcome.error, reason);
    assert.equal(outcome.session.state, "cancelled");
    const { decision, cause } = audited(outcome);
    assert.deepEqual([decision, cause], ["deny", "cancelled"]);
    late.resolve("approve");
    await late.promise;
    assert.deepEqual(paid, []);
  });

  Deno.test(`a cell of ${language} that is cancelled while it waits for approval says so, and the session goes on`, async () => {
    const { Bank, paid } = createBank();
    const asked = Promise.withResolvers<AbortSignal>();
    const late = Promise.withResolvers<"approve">();
    const manager = new ProxyManager({
      onApproval: (_request, { signal }) => {
        asked.resolve(signal);
        return late.promise;
      },
    });
    manager.register("bank", Bank);
    await using sandbox = await createSandbox({
      language,
      callApi: (path, params, { signal }) => manager.call(path, params, { signal }),
    });
    const running = sandbox.runCell(PAY[language]);
    const signal = await asked.promise;
    await sandbox.interrupt();
    const result = await running;
    assert.equal(result.outcome, "cancelled");
    assert(signal.aborted);
    late.resolve("approve");
    const next = await sandbox.runCell("1+1");
    assert.deepEqual([next.value, result.stateLost, paid], ["2", false, []]);
  });

  Deno.test(`a call of a cell of ${language} that needs approval is refused where nobody can be asked`, async () => {
    const { Bank, paid } = createBank();
    const outcome = await runCells(language, [TRY_PAY[language]], { proxies: { Bank } });
    assert.match(
      outcome.told[0]!,
      /^refused: .* found nobody to ask\. The call was not made; go on without .*\nleft: 100$/,
    );
    assert.deepEqual([audited(outcome).cause, paid], ["nobody", []]);
  });

  Deno.test(`an onApproval() that fails is a refusal that a cell of ${language} can act on`, async () => {
    const { Bank } = createBank();
    const outcome = await runCells(language, [TRY_PAY[language]], {
      proxies: { Bank },
      run: { onApproval: () => Promise.reject(new Error("the chat is down")) },
    });
    assert.match(outcome.told[0]!, /found an error: the chat is down\. The call was not made\nleft: 100$/);
    assert.equal(audited(outcome).cause, "error");
  });
}

Deno.test("calls of one cell that need approval each get their own decision", async () => {
  const { Bank, paid } = createBank();
  const code = `const tries = ["Ann", "Bob", "Cy"].map((to) => CALL_API("bank/pay", { to, amount: 1 }));
for (const { status } of await Promise.allSettled(tries)) console.log(status);`;
  const outcome = await runCells("typescript", [code], {
    proxies: { Bank },
    run: { onApproval: ({ arguments: { to } }) => to === "Bob" ? "deny" : "approve" },
  });
  assert.deepEqual(outcome.told, ["fulfilled\nrejected\nfulfilled"]);
  assert.deepEqual(paid.map(({ to }) => to), ["Ann", "Cy"]);
  const approvals = outcome.session.agentSessions["coder"]![0]!.approvals[0]!;
  assert.deepEqual(approvals.map(({ request, decision }) => [request.arguments.to, decision]), [
    ["Ann", "approve"],
    ["Bob", "deny"],
    ["Cy", "approve"],
  ]);
  assert.equal(new Set(approvals.map(({ request }) => request.callId)).size, 3);
});

Deno.test("decisions that come in another order reach the cells that asked for them", async () => {
  const { Bank, paid } = createBank();
  const asked = new Map<unknown, (decision: "approve" | "deny") => void>();
  const both = Promise.withResolvers<void>();
  const onApproval: OnApproval = ({ arguments: { to } }) =>
    new Promise((resolve) => {
      asked.set(to, resolve);
      if (asked.size === 2) both.resolve();
    });
  const manager = new ProxyManager({ onApproval });
  manager.register("bank", Bank);
  const callApi = (path: string, params: Record<string, unknown>) => manager.call(path, params);
  await using first = await createSandbox({ language: "python", callApi });
  await using second = await createSandbox({ language: "typescript", callApi });
  const cells = [
    first.runCell('CALL_API("bank/pay", {"to": "Ann", "amount": 1})'),
    second.runCell('await CALL_API("bank/pay", { to: "Bob", amount: 1 })'),
  ];
  await both.promise;
  asked.get("Bob")!("approve");
  asked.get("Ann")!("deny");
  const [python, typescript] = await Promise.all(cells);
  assert.equal(typescript!.outcome, "ok");
  assert.match(python!.error!.message, /denied/);
  assert.deepEqual(paid, [{ to: "Bob", amount: 1 }]);
});

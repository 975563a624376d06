/** A dialog that a page opens: no screenshot shows it, and nothing goes on before it is answered. */
export interface BrowserDialog {
  /** Which of the four. */
  readonly kind: "alert" | "confirm" | "prompt" | "beforeunload";
  /** What it says; at most 500 characters. */
  readonly message: string;
  /** Of a prompt: what it suggests. */
  readonly defaultValue: string;
}

/** What is done with a dialog. */
export type DialogDecision = "accept" | "dismiss" | {
  /** What is entered into a prompt, which is then accepted. */
  readonly text: string;
};

/** Accepts what merely tells something, and dismisses what asks: to consent is for whoever runs the browser. */
export function decideDialog({ kind }: BrowserDialog): DialogDecision {
  return kind === "alert" || kind === "beforeunload" ? "accept" : "dismiss";
}

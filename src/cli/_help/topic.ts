/** What `lllm <command> --help` says of one command. */
export interface HelpTopic {
  /** What it does, in one line. */
  readonly summary: string;
  /** How it is called, without `lllm`. */
  readonly usage: readonly string[];
  /** What is to be known besides. Default: nothing. */
  readonly notes?: readonly string[];
  /** Its options, each with a line or more. */
  readonly options: readonly HelpOption[];
  /** Calls to try, without `lllm`. */
  readonly examples: readonly string[];
}

/** An option, and what it does in a line or more. */
export type HelpOption = readonly [option: string, ...lines: string[]];

/** Topics by the words that they are asked for with: `run`, `log list`. */
export type HelpTopics = Readonly<Record<string, HelpTopic>>;

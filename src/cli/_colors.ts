/** Colours a text, where the reader is a person at a terminal. */
export type Paint = (text: string) => string;

/** The colours of a command's result. */
export interface Colors {
  /** Of headings. */
  readonly bold: Paint;
  /** Of what matters less. */
  readonly dim: Paint;
  /** Of what went wrong, and of what is gone. */
  readonly red: Paint;
  /** Of what went well, and of what is new. */
  readonly green: Paint;
  /** Of what deserves a look. */
  readonly yellow: Paint;
}

/** The colours for stdout: none where it is no terminal, or where `NO_COLOR` is set. */
export function stdoutColors(): Colors {
  const isColored = Deno.stdout.isTerminal() && !Deno.noColor;
  const paint = (code: number): Paint => isColored ? (text) => `\x1b[${code}m${text}\x1b[0m` : (text) => text;
  return { bold: paint(1), dim: paint(2), red: paint(31), green: paint(32), yellow: paint(33) };
}

/** A module's text without what must not mislead a search; both texts keep every place where it was. */
export interface SourceText {
  /** Comments are blanks. */
  readonly code: string;
  /** Comments, and the contents of strings, templates and regular expressions, are blanks. */
  readonly bare: string;
}

/** After these words a slash begins a regular expression. */
const BEFORE_EXPRESSION =
  /(?:^|[^\w$.])(?:return|typeof|instanceof|in|of|new|delete|void|throw|case|do|else|await|yield)$/;

/** As much of a word is kept as the longest of those above, and what stands before it. */
const WORD_CHARS = 12;
/** A regular expression that is longer counts as a division. */
const REGEXP_CHARS = 4000;

/**
 * Takes comments and literals out of TypeScript. No parser: whether a slash divides is guessed from what stands before
 * it, and text that is no valid program may come out wrong.
 */
export function readSourceText(source: string): SourceText {
  const blanker = new Blanker(source);
  blanker.run();
  return { code: blanker.code.join(""), bare: blanker.bare.join("") };
}

class Blanker {
  readonly code: string[];
  readonly bare: string[];
  readonly #text: string;
  /** For each template that we are in: the braces open since its last `${`. */
  readonly #templates: number[] = [];
  /** For each open parenthesis: whether it belongs to `if`, `while` or `for`, after which a statement comes. */
  readonly #parentheses: boolean[] = [];
  #at = 0;
  #before = "";

  constructor(text: string) {
    this.#text = text;
    this.code = [...Array(text.length)].map((_, index) => text[index]!);
    this.bare = [...this.code];
  }

  run(): void {
    while (this.#at < this.#text.length) this.#step();
  }

  #step(): void {
    const text = this.#text;
    const [char, next] = [text[this.#at]!, text[this.#at + 1]];
    if (char === "/" && next === "/") return this.#comment(this.#until(/[\r\n\u2028\u2029]/g, 2, 0));
    if (char === "/" && next === "*") return this.#comment(this.#until(/\*\//g, 2, 2));
    if (char === '"' || char === "'") return this.#literal(this.#endOfString(char));
    if (char === "`") return this.#template();
    if (char === "/" && this.#expectsExpression()) return this.#literal(this.#endOfRegExp());
    const depth = this.#templates.length - 1;
    if (depth >= 0 && char === "{") this.#templates[depth]!++;
    if (depth >= 0 && char === "}") {
      if (this.#templates[depth] === 0) {
        this.#templates.pop();
        return this.#template();
      }
      this.#templates[depth]!--;
    }
    if (char === "(") this.#parentheses.push(/(?:^|[^\w$.])(?:if|while|for)$/.test(this.#before));
    if (char === ")" && this.#parentheses.pop() === true) {
      this.#before = ";";
      this.#at++;
      return;
    }
    if (!/\s/.test(char)) {
      this.#before = (/[\w$]/.test(char) ? this.#wordBefore().slice(-WORD_CHARS) : "") + char;
    }
    this.#at++;
  }

  #wordBefore(): string {
    return /[\w$.]$/.test(this.#before) && /[\w$.]/.test(this.#text[this.#at - 1] ?? "") ? this.#before : "";
  }

  #expectsExpression(): boolean {
    const before = this.#before;
    return before === "" || /[(,=:[!&|?{};+\-*%<>~^]$/.test(before) || BEFORE_EXPRESSION.test(before);
  }

  #until(end: RegExp, skip: number, length: number): number {
    end.lastIndex = this.#at + skip;
    const match = end.exec(this.#text);
    return match === null ? this.#text.length : match.index + length;
  }

  #endOfString(quote: string): number {
    for (let at = this.#at + 1; at < this.#text.length; at++) {
      const char = this.#text[at];
      if (char === "\\") at++;
      else if (char === quote) return at + 1;
      else if (char === "\n") return at; // no string goes over lines
    }
    return this.#text.length;
  }

  #endOfRegExp(): number {
    let inClass = false;
    const end = Math.min(this.#text.length, this.#at + REGEXP_CHARS);
    for (let at = this.#at + 1; at < end; at++) {
      const char = this.#text[at];
      if (char === "\n") return this.#at + 1; // it was a division after all
      if (char === "\\") at++;
      else if (char === "[") inClass = true;
      else if (char === "]") inClass = false;
      else if (char === "/" && !inClass) return at + 1;
    }
    return this.#at + 1;
  }

  /** From a backtick, or from the brace that ends an expression, to the next expression or the template's end. */
  #template(): void {
    for (let at = this.#at + 1; at < this.#text.length; at++) {
      if (this.#text[at] === "\\") at++;
      else if (this.#text[at] === "`") return this.#literal(at + 1);
      else if (this.#text[at] === "$" && this.#text[at + 1] === "{") {
        this.#literal(at + 2);
        this.#before = "{";
        this.#templates.push(0);
        return;
      }
    }
    this.#literal(this.#text.length);
  }

  #comment(end: number): void {
    for (let at = this.#at; at < end; at++) this.#blank(this.code, at), this.#blank(this.bare, at);
    this.#at = end;
  }

  /** Keeps the delimiters, so that a literal can be found. */
  #literal(end: number): void {
    for (let at = this.#at + 1; at < end - 1; at++) this.#blank(this.bare, at);
    this.#at = end;
    this.#before = '"';
  }

  #blank(target: string[], at: number): void {
    if (!/\s/.test(target[at]!)) target[at] = " ";
  }
}

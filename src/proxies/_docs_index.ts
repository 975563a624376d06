import { nearest } from "../util/mod.ts";
import type { ApiDirectory, EndpointInfo } from "./types.ts";

/** An endpoint with its proxy. */
export interface DocsEntry {
  readonly directory: ApiDirectory;
  readonly info: EndpointInfo;
  /** How calls name it. */
  readonly call: string;
}

/** How much a word counts where it stands. */
const WEIGHTS = { name: 5, group: 2, title: 2, param: 1.5, text: 1, proxy: 0.5 } as const;
/** As in BM25: how soon more of a word counts no more, and how much long texts count less. */
const SATURATION = 1.4;
const LENGTH = 0.4;
/** More words of a query are left out: to look for near misses of each takes time. */
const MAX_QUERY_WORDS = 30;
/** Words of a query that are beginnings of words count less. */
const BEGINNING = 0.5;
const MIN_BEGINNING = 3;
/** Words that were most likely meant by one that is nowhere count less, too. */
const LIKELY = 0.4;
const MIN_LIKELY = 4;
/** How much it counts that a query says all of an endpoint's name, or of its summary. */
const COVERAGE = 1.5;
const MAX_WORDS = 4_000;

const STOP_WORDS: ReadonlySet<string> = new Set(
  "a an and are as at be by for from how i in is it me my of on or that the their this to what which with"
    .split(" "),
);

/** Finds endpoints by words: in their names, groups, parameters and descriptions. Made once for a list of endpoints. */
export class DocsIndex {
  readonly #entries: readonly DocsEntry[];
  /** By word: the places of entries, and how much it counts in each. */
  readonly #postings = new Map<string, Map<number, number>>();
  readonly #lengths: number[] = [];
  /** The words of each entry's name and summary. */
  readonly #titles: (readonly (readonly string[])[])[] = [];
  readonly #meanLength: number;
  readonly #words: readonly string[];

  constructor(entries: readonly DocsEntry[]) {
    this.#entries = entries;
    entries.forEach((entry, place) => this.#add(entry, place));
    this.#meanLength = this.#lengths.reduce((sum, length) => sum + length, 0) / (entries.length || 1);
    this.#words = [...this.#postings.keys()].sort();
  }

  /** The entries that a query means, best first; equally good ones in their order. */
  search(query: string, limit: number): DocsEntry[] {
    const all = wordsOf(query.slice(0, 1_000)).slice(0, MAX_QUERY_WORDS);
    const meant = all.filter((word) => !STOP_WORDS.has(word));
    const words = [...new Set(meant.length > 0 ? meant : all)];
    const scores = new Map<number, { score: number; matched: number }>();
    for (const word of words) {
      for (const [place, score] of this.#scoresOf(word)) {
        const sum = scores.get(place);
        if (sum === undefined) scores.set(place, { score, matched: 1 });
        else {
          sum.score += score;
          sum.matched++;
        }
      }
    }
    return [...scores]
      .map(([place, { score, matched }]) => ({
        place,
        score: score * (matched / words.length) * (1 + COVERAGE * this.#coverage(place, words)),
      }))
      .sort((a, b) => b.score - a.score || a.place - b.place)
      .slice(0, limit)
      .map(({ place }) => this.#entries[place]!);
  }

  /** How much of an endpoint's name or summary a query says, whichever is more: 0 to 1. */
  #coverage(place: number, words: readonly string[]): number {
    return Math.max(...this.#titles[place]!.map((title) => {
      const said = title.filter((word) => words.includes(word)).length;
      return title.length === 0 ? 0 : said / title.length;
    }));
  }

  /** How much a word of a query counts in each entry: as it is, else as the beginning of words. */
  #scoresOf(word: string): Map<number, number> {
    const scores = new Map<number, number>();
    const add = (found: string, factor: number) => {
      const postings = this.#postings.get(found)!;
      const count = this.#entries.length;
      const rarity = Math.log(1 + (count - postings.size + 0.5) / (postings.size + 0.5));
      for (const [place, weight] of postings) {
        const length = 1 - LENGTH + LENGTH * this.#lengths[place]! / this.#meanLength;
        const score = factor * rarity * weight * (SATURATION + 1) / (weight + SATURATION * length);
        scores.set(place, Math.max(scores.get(place) ?? 0, score));
      }
    };
    if (this.#postings.has(word)) add(word, 1);
    if (word.length >= MIN_BEGINNING) {
      for (const longer of this.#beginningWith(word)) if (longer !== word) add(longer, BEGINNING);
    }
    if (scores.size === 0 && word.length >= MIN_LIKELY) {
      for (const likely of nearest(word, this.#words, 2)) add(likely, LIKELY);
    }
    return scores;
  }

  *#beginningWith(word: string): Generator<string> {
    let [low, high] = [0, this.#words.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#words[middle]! < word) low = middle + 1;
      else high = middle;
    }
    for (; this.#words[low]?.startsWith(word); low++) yield this.#words[low]!;
  }

  #add({ directory, info, call }: DocsEntry, place: number): void {
    let length = 0;
    const add = (text: string, weight: number) => {
      for (const word of wordsOf(text)) {
        length += weight;
        let postings = this.#postings.get(word);
        if (postings === undefined) this.#postings.set(word, postings = new Map());
        postings.set(place, (postings.get(place) ?? 0) + weight);
      }
    };
    add(call.slice(call.lastIndexOf("/") + 1), WEIGHTS.name);
    add(`${info.category} ${info.subCategory}`, WEIGHTS.group);
    add(`${info.endpoint} ${info.name === info.endpoint ? "" : info.name}`, WEIGHTS.title);
    add(info.description, WEIGHTS.text);
    for (const [name, declaration] of Object.entries(info.params)) {
      add(name, WEIGHTS.param);
      add(declaration[2] ?? "", WEIGHTS.text / 2);
    }
    add(`${directory.id} ${directory.displayName}`, WEIGHTS.proxy);
    this.#lengths.push(length);
    const summary = info.description.split("\n", 1)[0]!.slice(0, 200);
    this.#titles.push([info.callable, summary].map((text) => {
      const words = [...new Set(wordsOf(text))];
      return words.filter((word) => !STOP_WORDS.has(word));
    }));
  }
}

/** The words of a text, in lower case; parts of `camelCase` and `snake_case` are words, a plural is its singular. */
export function wordsOf(text: string): string[] {
  const found = text.slice(0, MAX_WORDS * 8).replace(/(\p{Ll}|\p{N})(\p{Lu})/gu, "$1 $2").toLowerCase()
    .match(/[\p{L}\p{N}]+/gu) ?? [];
  return found.slice(0, MAX_WORDS).map(singular);
}

function singular(word: string): string {
  if (word.length > 4 && word.endsWith("ies")) return `${word.slice(0, -3)}y`;
  if (word.length > 4 && /(?:s|x|z|ch|sh)es$/.test(word)) return word.slice(0, -2);
  return word.length > 3 && /[^su]s$/.test(word) ? word.slice(0, -1) : word;
}

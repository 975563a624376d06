const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** Writes out what a terminal would obey, or not show: what a package says must not become commands, or lines of its own. */
export function plain(text: string): string {
  return text.replace(UNSEEN, escape);
}

/** The same for a text of several lines, or one with tabs. */
export function plainText(text: string): string {
  return text.replace(
    UNSEEN,
    (character) => character === "\n" || character === "\t" ? character : escape(character),
  );
}

/** As JSON writes characters: within JSON, the meaning stays. */
function escape(character: string): string {
  return character.split("").map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`).join("");
}

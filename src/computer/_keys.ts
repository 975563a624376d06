/** Names that models use for keys, in capitals, and what the browser calls them. */
const NAMES: Readonly<Record<string, string>> = {
  ALT: "Alt",
  ALTGR: "AltGraph",
  ARROWDOWN: "ArrowDown",
  ARROWLEFT: "ArrowLeft",
  ARROWRIGHT: "ArrowRight",
  ARROWUP: "ArrowUp",
  BACKSPACE: "Backspace",
  CAPSLOCK: "CapsLock",
  CMD: "ControlOrMeta",
  COMMAND: "ControlOrMeta",
  CONTROL: "Control",
  CTRL: "Control",
  DEL: "Delete",
  DELETE: "Delete",
  DOWN: "ArrowDown",
  END: "End",
  ENTER: "Enter",
  ESC: "Escape",
  ESCAPE: "Escape",
  HOME: "Home",
  INSERT: "Insert",
  LEFT: "ArrowLeft",
  META: "ControlOrMeta",
  OPTION: "Alt",
  PAGEDOWN: "PageDown",
  PAGEUP: "PageUp",
  PGDN: "PageDown",
  PGUP: "PageUp",
  RETURN: "Enter",
  RIGHT: "ArrowRight",
  SHIFT: "Shift",
  SPACE: " ",
  SPACEBAR: " ",
  SUPER: "ControlOrMeta",
  TAB: "Tab",
  UP: "ArrowUp",
  WIN: "ControlOrMeta",
};

const MODIFIERS = new Set(["Alt", "AltGraph", "Control", "ControlOrMeta", "Shift"]);

/** Gives the browser's name of a key; undefined if there is no such key. */
export function keyName(key: string): string | undefined {
  if ([...key].length === 1) return key;
  const plain = key.toUpperCase().replace(/[\s_-]/g, "");
  return NAMES[plain] ?? (/^F([1-9]|1\d|2[0-4])$/.test(plain) ? plain : undefined);
}

/** A combination of keys: those that are held, and those that are pressed meanwhile. */
export interface KeyCombination {
  /** In the order in which they go down. */
  readonly held: readonly string[];
  /** In order; empty where the held ones are all. */
  readonly pressed: readonly string[];
}

/** Takes `["CTRL", "A"]` apart. With Ctrl or Alt held a letter is the key, not the capital. */
export function combination(names: readonly string[]): KeyCombination {
  const held = names.filter((name) => MODIFIERS.has(name));
  const isCommand = held.some((name) => name !== "Shift");
  const pressed = names.filter((name) => !MODIFIERS.has(name))
    .map((name) => isCommand && name.length === 1 ? name.toLowerCase() : name);
  return { held, pressed };
}

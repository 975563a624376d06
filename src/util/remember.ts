/**
 * Gives a function of a text that remembers what it gave: for texts of which the same few come again and again. Others may come from
 * data, so that it forgets everything when there are more than `most`.
 */
export function remember<T extends string | boolean>(
  compute: (text: string) => T,
  most: number,
): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    let value = known.get(text);
    if (value === undefined) {
      value = compute(text);
      if (known.size > most) known.clear();
      known.set(text, value);
    }
    return value;
  };
}

/** The first few of many, for messages, with how many more there are: messages must not grow with what they tell of. */

const shortened = (texts: readonly string[], most: number, rest: (count: number) => string) =>
  texts.length > most ? [...texts.slice(0, most), rest(texts.length - most)] : texts;

/** `a; b; and 3 more` */
export const firstClauses = (clauses: readonly string[], most: number): string =>
  shortened(clauses, most, (count) => `and ${count} more`).join('; ');

/** `a, b and 3 more` */
export const firstNames = (names: readonly string[], most: number): string => {
  const shown = names.slice(0, most).join(', ');
  return names.length > most ? `${shown} and ${names.length - most} more` : shown;
};

/** `a and b and 3 more` */
export const firstPlaces = (places: readonly string[], most: number): string =>
  shortened(places, most, (count) => `${count} more`).join(' and ');

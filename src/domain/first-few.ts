/** The first few of many, for messages, with how many more there are: messages must not grow with what they tell of. */

/** `a; b; and 3 more` */
export const firstClauses = (clauses: readonly string[], most: number): string =>
  (clauses.length > most ? [...clauses.slice(0, most), `and ${clauses.length - most} more`] : clauses).join(
    '; ',
  );

/** `a, b and 3 more` */
export const firstNames = (names: readonly string[], most: number): string => {
  const shown = names.slice(0, most).join(', ');
  return names.length > most ? `${shown} and ${names.length - most} more` : shown;
};

/** `a and b and 3 more` */
export const firstPlaces = (places: readonly string[], most: number): string =>
  (places.length > most ? [...places.slice(0, most), `${places.length - most} more`] : places).join(' and ');

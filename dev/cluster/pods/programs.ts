/** Which images are programs of this machine: image → program and first arguments. */
export type Programs = Readonly<Record<string, readonly string[]>>;

/**
 * The program of an image, or undefined when the image is only simulated.
 * An entry may name the image exactly or leave out tag and digest: `operator` matches `operator:dev`.
 */
export function programOf(image: string, programs: Programs): readonly string[] | undefined {
  const withoutDigest = image.replace(/@.*$/, '');
  const withoutTag = withoutDigest.replace(/:[^:/]*$/, '');
  const name = [image, withoutDigest, withoutTag].find((candidate) => Object.hasOwn(programs, candidate));
  return name === undefined ? undefined : programs[name];
}

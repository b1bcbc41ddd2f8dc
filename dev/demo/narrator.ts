/** What the audience sees: numbered chapters, commands with their output, and what was checked. */

const bold = (text: string): string => (process.stdout.isTTY ? `\u001b[1m${text}\u001b[0m` : text);
const dim = (text: string): string => (process.stdout.isTTY ? `\u001b[2m${text}\u001b[0m` : text);

const indented = (text: string): string =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n');

let chapters = 0;
const startedAt = Date.now();

const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** Opens a chapter. */
export function chapter(title: string): void {
  chapters += 1;
  say(`\n${bold(`${chapters}. ${title}`)} ${dim(`(${Math.round((Date.now() - startedAt) / 1000)} s)`)}`);
}

/** Something that the demo does behind the scenes. */
export const aside = (text: string): void => say(dim(`   ${text}`));

/** A command as a user would type it, and its output. */
export function shown(command: string, output: string): void {
  say(`\n  ${bold(`$ ${command}`)}`);
  say(indented(output));
}

/** A claim that was just checked. */
export const held = (claim: string): void => say(`   ✔ ${claim}`);

export const ending = (text: string): void => say(`\n${text}`);

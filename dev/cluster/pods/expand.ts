/**
 * Expands `$(NAME)` as Kubernetes does in `env[].value` and `args`: `$$(NAME)` is an escape that yields
 * `$(NAME)`, and a name that is not defined stays as it was written.
 */
export function expandVariables(text: string, variables: Readonly<Record<string, string>>): string {
  return text.replace(/\$\$|\$\(([^)]*)\)/g, (match, name: string | undefined) => {
    if (name === undefined) return '$';
    return Object.hasOwn(variables, name) ? (variables[name] ?? match) : match;
  });
}

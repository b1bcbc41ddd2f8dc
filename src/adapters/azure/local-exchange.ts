import type { Application, ManagedIdentity } from '../../domain/identity/identity.ts';
import type { LocalLogin, LocalLoginOptions } from './local-login.ts';
import type { TokenExchange } from './token-exchange.ts';

/** As `exchange`, with tokens of the developer's own login for a `LocalIdentity`. */
export function withLocalLogin(
  exchange: TokenExchange<Application | ManagedIdentity>,
  options: Omit<LocalLoginOptions, 'tenantId'>,
): TokenExchange {
  const logins = new Map<string, Promise<LocalLogin>>();
  const login = async (tenantId: string): Promise<LocalLogin> => {
    // Lazily: no pod needs the code.
    const { LocalLogin } = await import('./local-login.ts');
    return new LocalLogin({ ...options, tenantId });
  };
  return async (identity, wish) => {
    if (identity.kind !== 'LocalIdentity') return exchange(identity, wish);
    const { tenantId } = identity;
    const known = logins.get(tenantId) ?? login(tenantId);
    logins.set(tenantId, known);
    const { scopes, ...tokenOptions } = wish;
    return (await known).token(scopes, tokenOptions);
  };
}

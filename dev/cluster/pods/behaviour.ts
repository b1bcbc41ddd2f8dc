import type { Pod } from './types.ts';

/** How a pod that is not a program behaves. */
export type Behaviour =
  | { readonly kind: 'ready' }
  | { readonly kind: 'never-ready' }
  | { readonly kind: 'crash' }
  | { readonly kind: 'slow'; readonly milliseconds: number }
  /** The annotation makes no sense; the pod stays Pending and says why. */
  | { readonly kind: 'mistaken'; readonly message: string };

/** Annotation by which a test chooses; on the pod, or on its template. */
export const behaviourAnnotation = 'dev.appconfig.dev/behaviour';

/** Reads `ready`, `never-ready`, `crash` or `slow:<ms>`. */
export function parseBehaviour(text: string): Behaviour {
  if (text === 'ready' || text === 'never-ready' || text === 'crash') return { kind: text };
  const [, milliseconds] = /^slow:(\d+)$/.exec(text) ?? [];
  if (milliseconds !== undefined) return { kind: 'slow', milliseconds: Number(milliseconds) };
  const message = `${behaviourAnnotation}: ${JSON.stringify(text)} is none of ready, never-ready, crash, slow:<ms>`;
  return { kind: 'mistaken', message };
}

/** What the pod's annotation says; `ready` without one. */
export function behaviourOf(pod: Pod): Behaviour {
  return parseBehaviour(pod.metadata.annotations?.[behaviourAnnotation] ?? 'ready');
}

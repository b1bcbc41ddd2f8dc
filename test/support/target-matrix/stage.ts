import type { Reason } from '../../../src/api/reasons.ts';
import type { Policy } from './policies.ts';

export type Data = Readonly<Record<string, string>>;
export type TargetKind = 'ConfigMap' | 'Secret';

/** The objects of a stage: two of the kind under test, and one of the other kind. */
export type Role = 'target' | 'other' | 'rest';

/** What a binding is to write. */
export interface Wish extends Policy {
  readonly role: Role;
  /** Of a Secret. */
  readonly type?: string;
}

export interface Seen {
  readonly uid: string;
  /** As text. */
  readonly data: Data;
}

/** Labels that permit both bindings to merge. */
export const PERMITTED = {
  'merge.appconfig.dev/orders': 'true',
  'merge.appconfig.dev/second': 'true',
} as const;

/** A store, a namespace and a running operator: in memory, or real. Values are text for both kinds. */
export interface Stage {
  readonly kind: TargetKind;
  /** Sets a key that the binding reads; undefined removes it. */
  set(key: string, value: string | undefined): Promise<void>;
  /** The same for the second binding. */
  setSecond(key: string, value: string): Promise<void>;
  /** Creates or changes the binding. */
  bind(wish: Wish): Promise<void>;
  /** A second binding that reads other settings. */
  bindSecond(wish: Wish): Promise<void>;
  /** Deletes the binding, and waits until the garbage collector has been there. */
  unbind(): Promise<void>;
  /** Creates an object of someone else with the key `theirs`. */
  make(role: Role, labels: Readonly<Record<string, string>>): Promise<void>;
  /** Someone edits the target; null removes. */
  edit(change: {
    readonly data?: Readonly<Record<string, string | null>>;
    readonly labels?: Readonly<Record<string, string | null>>;
  }): Promise<void>;
  /** Someone deletes the target. */
  remove(): Promise<void>;
  look(role: Role): Promise<Seen | undefined>;
  /** The reason of Ready of the spec as it is now; InvalidSpec also where admission refused it. */
  reason(binding?: 'orders' | 'second'): Promise<Reason | undefined>;
  until(what: string, condition: () => Promise<boolean>): Promise<void>;
}

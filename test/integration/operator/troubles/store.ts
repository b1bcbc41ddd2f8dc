import { replaceStore } from '../../../support/real/stores.ts';
import type { Trouble } from './trouble.ts';

/** What App Configuration can do to a binding. */
export const storeTroubles: readonly Trouble[] = [
  {
    title: 'the store answers nothing at all',
    reason: 'StoreUnreachable',
    phase: 'SettingsFetched',
    transient: true,
    says: ({ storeHost }) => [storeHost, 'no answer in time', 'firewall, proxy or network policy'],
    cause: ({ azure, storeHost }) => azure.addFault({ host: storeHost, hang: true }),
    cure: (team) => team.clearFaults(),
  },
  {
    title: 'the store breaks off connections',
    reason: 'StoreUnreachable',
    phase: 'SettingsFetched',
    transient: true,
    says: ({ storeHost }) => [storeHost, 'cannot be reached', 'connection'],
    cause: ({ azure, storeHost }) => azure.addFault({ host: storeHost, reset: true }),
    cure: (team) => team.clearFaults(),
  },
  {
    title: 'the store is disturbed',
    reason: 'StoreUnreachable',
    phase: 'SettingsFetched',
    transient: true,
    says: ({ storeHost }) => [storeHost, 'HTTP 503', 'tried again by itself'],
    cause: ({ azure, storeHost }) => azure.addFault({ host: storeHost, status: 503 }),
    cure: (team) => team.clearFaults(),
  },
  {
    title: 'the store does not exist',
    reason: 'StoreUnreachable',
    phase: 'SettingsFetched',
    transient: true,
    says: ({ storeHost }) => [storeHost, 'check that the name exists'],
    cause: ({ azure, store }) => azure.deleteStore(store),
    cure: replaceStore,
    rewritten: true,
  },
  {
    title: 'something else than a store answers at the endpoint',
    reason: 'StoreNotFound',
    phase: 'SettingsFetched',
    says: ({ storeHost }) => [storeHost, 'check spec.store.endpoint'],
    cause: ({ azure, storeHost }) => azure.addFault({ host: storeHost, status: 404 }),
    cure: (team) => team.clearFaults(),
  },
  {
    title: 'the store asks for a pause',
    reason: 'StoreThrottled',
    phase: 'SettingsFetched',
    transient: true,
    says: ({ storeHost }) => [storeHost, 'asks for a pause', 'request quota'],
    cause: ({ azure, storeHost }) =>
      azure.addFault({ host: storeHost, status: 429, headers: { 'retry-after-ms': '400' } }),
    cure: (team) => team.clearFaults(),
  },
  {
    title: 'the identity has no role on the store',
    reason: 'StoreForbidden',
    phase: 'SettingsFetched',
    says: ({ app, storeHost }) => [
      `grant App Configuration Data Reader on https://${storeHost} to client ${app.clientId}`,
      '15 min',
    ],
    cause: ({ app, azure, store }) =>
      azure.removeRole({ role: 'AppConfigurationDataReader', principal: app.clientId, store }),
    cure: ({ app, azure, store }) =>
      azure.assignRole({ role: 'AppConfigurationDataReader', principal: app.clientId, store }),
  },
  {
    title: 'the firewall of the store refuses the cluster',
    reason: 'StoreFirewall',
    phase: 'SettingsFetched',
    says: ({ storeHost }) => [storeHost, 'network rules', 'private endpoint'],
    cause: ({ azure, store }) => azure.setStoreNetwork({ store, access: 'denied' }),
    cure: ({ azure, store }) => azure.setStoreNetwork({ store, access: 'open' }),
  },
  {
    title: 'the store belongs to another tenant than the identity',
    reason: 'StoreUnauthorized',
    phase: 'SettingsFetched',
    fromStart: async ({ azure }) => ({ storeTenant: (await azure.control.createTenant()).id }),
    says: ({ app, storeHost }) => [storeHost, app.clientId, app.tenantId, "must be the store's tenant"],
    cure: replaceStore,
  },
];

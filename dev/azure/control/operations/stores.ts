import { newEtag, type Position, type Setting, type SettingContent } from '../../appconfig/setting.ts';
import type { Cloud } from '../../cloud.ts';
import { findEndpoint, findStore, findTenant, type Operations, operation } from '../operation.ts';
import * as schemas from '../schemas.ts';

/** The exact content type that the SDKs compare with (A.14). */
export const REFERENCE_TYPE = 'application/vnd.microsoft.appconfig.keyvaultref+json;charset=utf-8';

/** Stores and their settings; these writes need no role and ignore locks and network rules. */
export function storeOperations(cloud: Cloud): Operations {
  return {
    createStore: operation(schemas.store, ({ name, tenantId }) => {
      const store = cloud.createStore(name, findTenant(cloud, tenantId).id);
      return { name: store.name, endpoint: `https://${store.host}`, tenantId: store.tenantId };
    }),
    deleteStore: operation(schemas.named, ({ name }) => {
      const { host } = findStore(cloud, name);
      cloud.deleteStore(host);
      cloud.roles.removeHost(host);
    }),
    setStoreNetwork: operation(schemas.storeNetwork, ({ store, access }) => {
      findEndpoint(cloud, store).network = access;
    }),
    setHiddenWrites: operation(schemas.hiddenWrites, ({ store, ms }) => {
      findStore(cloud, store).hiddenWritesMs = ms;
    }),
    setDailyQuota: operation(schemas.dailyQuota, ({ store, requests }) => {
      findEndpoint(cloud, store).quota.limit = requests ?? undefined;
    }),
    ...settingOperations(cloud),
  };
}

function settingOperations(cloud: Cloud): Operations {
  return {
    setSetting: operation(schemas.setting, ({ store, ...setting }) => {
      const { etag } = findStore(cloud, store).put(positionOf(setting), setting);
      return { etag };
    }),
    setSettings: operation(schemas.settings, ({ store, settings }) => {
      const now = cloud.clock.now();
      findStore(cloud, store).putAll(settings.map((setting) => toSetting(setting, now)));
    }),
    setKeyVaultReference: operation(schemas.reference, ({ store, vault, secret, version, ...rest }) => {
      const suffix = version === undefined ? '' : `/${version}`;
      const value = JSON.stringify({ uri: `https://${cloud.vaultHost(vault)}/secrets/${secret}${suffix}` });
      const content = { value, contentType: REFERENCE_TYPE, tags: rest.tags };
      const { etag } = findStore(cloud, store).put(positionOf(rest), content);
      return { etag };
    }),
    deleteSetting: operation(schemas.settingPosition, ({ store, ...position }) => ({
      deleted: findStore(cloud, store).delete(positionOf(position)) !== undefined,
    })),
    lockSetting: operation(schemas.settingLock, ({ store, locked, ...position }) => ({
      found: findStore(cloud, store).lock(positionOf(position), locked) !== undefined,
    })),
  };
}

interface GivenSetting extends SettingContent {
  readonly key: string;
  readonly label?: string | null | undefined;
  readonly locked?: boolean | undefined;
  readonly etag?: string | undefined;
  readonly lastModified?: number | undefined;
}

/** A setting as given, with a fresh etag unless it brings its own. */
export function toSetting(given: GivenSetting, now: number): Setting {
  return {
    ...positionOf(given),
    etag: given.etag ?? newEtag(),
    value: given.value ?? null,
    contentType: given.contentType ?? null,
    tags: given.tags ?? {},
    description: given.description ?? null,
    locked: given.locked ?? false,
    lastModified: given.lastModified ?? now,
  };
}

/** The label "" is never stored (A.3). */
export function positionOf({ key, label }: { key: string; label?: string | null | undefined }): Position {
  return { key, label: label === '' ? null : (label ?? null) };
}

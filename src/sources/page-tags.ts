import type { PageTags } from '../ports/azure.ts';

/** True when both are the same pages of the same host: ETags of different hosts are not comparable. */
export function samePages(a: PageTags, b: PageTags): boolean {
  return (
    a.host === b.host &&
    a.etags.length === b.etags.length &&
    a.etags.every((etag, page) => etag === b.etags[page])
  );
}

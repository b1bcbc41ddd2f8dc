import type { ServerResponse } from 'node:http';
import { expect } from 'chai';
import { until } from '../../../../dev/cluster/wait.ts';
import { systemClock } from '../../../../src/adapters/system/clock.ts';
import type { Clock } from '../../../../src/ports/clock.ts';
import type { KubernetesObject, WatchEvent } from '../../../../src/ports/kubernetes.ts';
import { Informer } from '../../../../src/runtime/informer.ts';
import { CONFIG_MAPS } from '../../../support/memory-cluster/index.ts';
import { VirtualClock } from '../../../support/virtual-clock.ts';
import { json, LoopbackServer, openWatch } from './loopback-server.ts';

const object = (name: string, resourceVersion: string, extra: object = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'shop', uid: name, resourceVersion, ...extra },
});

const line = (type: string, body: object): string => `${JSON.stringify({ type, object: body })}\n`;

describe('watches on the wire', () => {
  let server: LoopbackServer;
  let stop: AbortController;
  beforeEach(async () => {
    server = await LoopbackServer.start();
    stop = new AbortController();
  });
  afterEach(async () => {
    stop.abort();
    await server.close();
  });

  async function collect(
    deadlineMs?: number,
    clock: Clock = systemClock,
  ): Promise<WatchEvent<KubernetesObject>[]> {
    const events: WatchEvent<KubernetesObject>[] = [];
    const options = { resourceVersion: '5', timeoutSeconds: 300, signal: stop.signal };
    for await (const event of server.api(deadlineMs, server.connection(), clock).watch(CONFIG_MAPS, options))
      events.push(event);
    return events;
  }

  const answering = (write: (response: ServerResponse) => void): void => {
    server.handler = (_, response) => {
      openWatch(response);
      write(response);
    };
  };

  it('ask for bookmarks, from a version, for a time', async () => {
    answering((response) => response.end());
    await collect();
    expect(server.requests[0]?.url).to.equal(
      '/api/v1/configmaps?watch=true&allowWatchBookmarks=true&resourceVersion=5&timeoutSeconds=300',
    );
  });

  it('decode events, and end normally when the server closes', async () => {
    answering((response) => {
      response.write(line('ADDED', object('a', '6')) + line('MODIFIED', object('a', '7')));
      response.end(
        line('BOOKMARK', { metadata: { resourceVersion: '9' } }) + line('DELETED', object('a', '10')),
      );
    });
    const events = await collect();
    expect(events.map((event) => event.type)).to.deep.equal(['added', 'modified', 'bookmark', 'deleted']);
    expect(events[2]).to.deep.equal({ type: 'bookmark', resourceVersion: '9' });
  });

  it('put events together that are cut anywhere, inside characters too, and split at newlines only', async () => {
    const note = 'Größe 😀 \u2028 \u2029 \u0085';
    const bytes = Buffer.from(line('ADDED', object('a', '6', { annotations: { note } })));
    answering((response) => {
      for (const byte of bytes) response.write(Buffer.from([byte]));
      response.end();
    });
    const [event] = await collect();
    expect(event).to.have.nested.property('object.metadata.annotations.note', note);
  });

  it('tell an expired version that comes inside the stream', async () => {
    answering((response) => {
      response.write(line('ERROR', { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' }));
    });
    const error = { kind: 'status', code: 410, reason: 'Expired', causes: [] };
    expect(await collect()).to.deep.equal([{ type: 'error', error }]);
  });

  it('tell a stream that was cut inside a line', async () => {
    answering((response) => response.end(`${line('ADDED', object('a', '6'))}{"type":"MODI`));
    const events = await collect();
    expect(events.map((event) => event.type)).to.deep.equal(['added', 'error']);
    expect(events[1]).to.deep.include({ error: { kind: 'transport', code: 'Truncated' } });
  });

  it('tell a line that is not an event', async () => {
    answering((response) => response.end('<html>\n'));
    expect(await collect()).to.deep.equal([{ type: 'error', error: { kind: 'transport', code: 'BadJson' } }]);
  });

  it('tell a connection that breaks', async () => {
    answering((response) => response.socket?.destroy());
    expect(await collect()).to.deep.equal([
      { type: 'error', error: { kind: 'transport', code: 'ECONNRESET' } },
    ]);
  });

  it('tell a refusal, an HTML page and a server that never answers', async () => {
    server.handler = (_, response) => json(response, 429, {}, { 'retry-after': '1' });
    expect(await collect()).to.have.nested.property('[0].error.retryAfterMs', 1_000);
    server.handler = (_, response) => {
      response.writeHead(200, { 'content-type': 'text/html' });
      response.end('<html>');
    };
    expect(await collect()).to.have.nested.property('[0].error.code', 'BadContentType');
    server.handler = () => undefined;
    expect(await collect(30)).to.have.nested.property('[0].error.kind', 'timeout');
  });

  it('outlive the deadline of calls', async () => {
    let response: ServerResponse | undefined;
    answering((opened) => {
      response = opened;
    });
    const clock = new VirtualClock();
    const collected = collect(30_000, clock);
    await until(() => response !== undefined, { what: 'the request' });
    // The headers may be on their way still: only their arrival ends the deadline.
    await until(() => clock.pending === 0, { what: 'the headers' });
    response?.end(line('ADDED', object('a', '6')));
    expect((await collected).map((event) => event.type)).to.deep.equal(['added']);
  });

  it('end silently when their signal aborts, and close the connection', async () => {
    answering(() => undefined);
    const collected = collect();
    await until(() => server.requests.length === 1, { what: 'the request' });
    stop.abort();
    expect(await collected).to.deep.equal([]);
    await until(() => server.sockets.size === 0, { what: 'the end of the connection' });
  });

  it('do not keep calls waiting, however many there are', async () => {
    server.handler = ({ url = '' }, response) =>
      url.includes('watch=true') ? openWatch(response) : json(response, 200, {});
    const api = server.api();
    const watching = Array.from({ length: 20 }, async () => {
      const options = { resourceVersion: '5', timeoutSeconds: 300, signal: stop.signal };
      for await (const _ of api.watch(CONFIG_MAPS, options));
    });
    await until(() => server.requests.length === 20, { what: 'all requests' });
    expect((await api.get({ type: CONFIG_MAPS, namespace: 'shop', name: 'a' })).ok).to.equal(true);
    stop.abort();
    await Promise.all(watching);
  });

  describe('an informer on them', () => {
    /** Answers lists with `listed`, and hands each opened watch to the test, and to `opened`. */
    function serve(
      listed: () => object[],
      watches: ServerResponse[],
      opened: (watch: ServerResponse) => void = () => undefined,
    ): void {
      server.handler = ({ url = '' }, response) => {
        if (!url.includes('watch=true')) {
          json(response, 200, { metadata: { resourceVersion: '5' }, items: listed() });
          return;
        }
        openWatch(response);
        watches.push(response);
        opened(response);
      };
    }

    const informer = (inactivityMs: number, random = 0.999) =>
      new Informer<KubernetesObject>({
        api: server.api(),
        type: CONFIG_MAPS,
        clock: systemClock,
        random: { next: () => random },
        metrics: server.metrics,
        logger: server.logger,
        inactivityMs,
      });

    it('recovers from a half-open connection and sees the next change', async () => {
      const watches: ServerResponse[] = [];
      // The first watch stays open and silent: nothing but its silence shows that it is dead.
      const answer = (watch: ServerResponse) =>
        watches.length > 1 && watch.write(line('ADDED', object('a', '6')));
      serve(() => [], watches, answer);
      const watched = informer(100);
      watched.start();
      await until(() => watched.get('shop/a') !== undefined, { what: 'the object' });
      await watched.stop();
      expect([...server.metrics.values.keys()]).to.include(
        'watch_restarts_total{resource="configmaps",cause="silent"}',
      );
    });

    it('lists again after 410 in the stream', async () => {
      const watches: ServerResponse[] = [];
      let items = [object('a', '5')];
      serve(() => items, watches);
      const watched = informer(60_000, 0);
      watched.start();
      await until(() => watches.length === 1, { what: 'the watch' });
      items = [object('b', '8')];
      watches[0]?.end(line('ERROR', { kind: 'Status', code: 410, reason: 'Expired' }));
      await until(() => watched.get('shop/b') !== undefined, { what: 'the new object' });
      expect(watched.get('shop/a')).to.equal(undefined);
      await watched.stop();
    });
  });
});

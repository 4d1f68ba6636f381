// Listens to the exporter. Silence is what counts as a lost connection: a socket can stay open and say nothing.

import { fetchJson } from './api.js';
import { listen } from './events.js';
import { onToken } from './token.js';

const LOST_AFTER_MS = 4000;
const REOPEN_AFTER_MS = 12000;
const FIRST_RETRY_MS = 1000;
const LONGEST_RETRY_MS = 10000;

/**
 * `onStatus(status)` for each report; `onConnection({state, silentSeconds})` at least once a second, with the state
 * connecting (nothing heard yet), live or lost; `silentSeconds` is null until something was heard.
 */
export function createStream(onStatus, onConnection) {
  let source = null;
  let retryTimer = null;
  let watchTimer = null;
  let retryMs = FIRST_RETRY_MS;
  let startedAt = 0;
  let openedAt = 0;
  let heardAt = null;

  function hear(status) {
    heardAt = Date.now();
    retryMs = FIRST_RETRY_MS;
    onStatus(status);
    report();
  }

  function take(text) {
    let status;
    try {
      status = JSON.parse(text);
    } catch (error) {
      console.error('The stream sent something that is not JSON', error);
      return;
    }
    hear(status);
  }

  function open() {
    close();
    openedAt = Date.now();
    source = listen('api/v1/stream', take, retryLater);
  }

  function close() {
    clearTimeout(retryTimer);
    retryTimer = null;
    source?.close();
    source = null;
  }

  function retryLater() {
    close();
    retryTimer = setTimeout(open, retryMs);
    retryMs = Math.min(retryMs * 1.5, LONGEST_RETRY_MS);
  }

  function report() {
    const silentMs = Math.max(0, Date.now() - (heardAt ?? startedAt));
    const state = silentMs > LOST_AFTER_MS ? 'lost' : heardAt === null ? 'connecting' : 'live';
    onConnection({ state, silentSeconds: heardAt === null ? null : Math.round(silentMs / 1000) });
  }

  function watch() {
    const quietSince = Math.max(openedAt, heardAt ?? 0);
    if (source && Date.now() - quietSince > REOPEN_AFTER_MS) open();
    report();
  }

  async function paintFirst() {
    const status = await fetchJson('api/v1/status').catch(() => null);
    if (status && heardAt === null) hear(status);
  }

  function start() {
    startedAt = Date.now();
    open();
    paintFirst();
    watchTimer ??= setInterval(watch, 1000);
  }

  function stop() {
    close();
    clearInterval(watchTimer);
    watchTimer = null;
  }

  onToken(() => watchTimer === null || start());
  return { start, stop };
}

// Asks the exporter again and again while somebody looks. What was asked before the last question is not listened to.

import { onToken } from './token.js';

const GIVE_UP_AFTER_MS = 10000;
const LOST_AFTER_MS = 4000;

/**
 * `ask(signal)` returns a promise; `onAnswer(answer)` and `onRefusal(error)` get what comes of it, `onConnection` as
 * createStream's. `everyMs()` is asked after each answer. Call `now()` to ask at once, `start()` and `stop()`.
 */
export function createPoll({ ask, onAnswer, onRefusal, onConnection, everyMs }) {
  let timer = null;
  let watch = null;
  let asking = null;
  let startedAt = Date.now();
  let heardAt = null;
  let shownAt = 0;

  async function now() {
    clearTimeout(timer);
    asking?.abort();
    const mine = new AbortController();
    asking = mine;
    const giveUp = setTimeout(() => mine.abort(), GIVE_UP_AFTER_MS);
    try {
      const answer = await ask(mine.signal);
      if (asking === mine) hear(() => onAnswer(answer));
    } catch (error) {
      if (asking === mine && error.status) hear(() => onRefusal(error));
    } finally {
      clearTimeout(giveUp);
      if (asking === mine) again();
    }
  }

  function again() {
    asking = null;
    if (watch && !document.hidden) timer = setTimeout(now, everyMs());
  }

  function hear(tell) {
    heardAt = Date.now();
    tell();
    report();
  }

  function report() {
    const silentMs = Date.now() - Math.max(heardAt ?? startedAt, shownAt);
    const patienceMs = LOST_AFTER_MS + everyMs();
    const state = silentMs > patienceMs ? 'lost' : heardAt === null ? 'connecting' : 'live';
    onConnection({ state, silentSeconds: heardAt === null ? null : Math.round(silentMs / 1000) });
  }

  function look() {
    if (document.hidden || !watch) return;
    shownAt = Date.now();
    now();
  }

  function start() {
    startedAt = Date.now();
    watch ??= setInterval(() => document.hidden || report(), 1000);
    now();
  }

  function stop() {
    clearTimeout(timer);
    clearInterval(watch);
    watch = null;
    asking?.abort();
    asking = null;
  }

  document.addEventListener('visibilitychange', look);
  onToken(now);
  addEventListener('pagehide', stop);
  addEventListener('pageshow', (event) => event.persisted && start());
  return { now, start, stop };
}

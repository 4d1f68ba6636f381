// Server-sent events, read with fetch: an EventSource could not send a token.

import { reach } from './api.js';

const DATA = 'data: ';

/** Calls `onData(text)` for each event, and `onEnd()` once when there will be no more; `close()` wants neither. */
export function listen(path, onData, onEnd) {
  const closed = new AbortController();
  read(path, closed.signal, onData)
    .catch(() => {})
    .finally(() => closed.signal.aborted || onEnd());
  return { close: () => closed.abort() };
}

async function read(path, signal, onData) {
  const response = await reach(path, { signal, cache: 'no-store' });
  if (!response.ok) return;
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    const events = (text + part.value).split('\n\n');
    text = events.pop();
    events.filter((event) => event.startsWith(DATA)).forEach((event) => onData(event.slice(DATA.length)));
  }
}

// The bar on top: overall light, speed, pipeline time and whether the connection lives.

import { announce } from './announcer.js';
import { partsOf, setAttribute, setText, show } from './dom.js';
import { decimal, duration, isNumber, stopwatch } from './format.js';
import { createLight, knownHealth, shapeOf, symbolFor, wordFor } from './light.js';

const CONNECTION_WORDS = { connecting: 'Connecting…', live: 'Live', lost: 'Lost' };
const ICON_COLOURS = { healthy: '#12926b', degraded: '#e08600', critical: '#d3213d', none: '#7d8793' };

export function createHeader() {
  const parts = partsOf(document.getElementById('top'));
  const light = createLight(parts.light);
  light.update('none');
  return {
    update({ status, shown }) {
      light.update(knownHealth(status.health));
      show(parts.speed, isNumber(status.speed) && status.speed !== 1);
      show(parts.profile, isNumber(status.time_scale) && status.time_scale !== 1);
      setText(parts.profile, `Demo: SLO time ÷ ${decimal(status.time_scale)}`);
      setText(parts.speed, `${decimal(status.speed)}× speed`);
      show(parts.timeFact, Boolean(shown));
      setText(parts.time, stopwatch(shown?.time_seconds));
    },
    connection: createConnection(parts),
  };
}

/** The connection in words; `parts` has a place for them and one for what a lost one means. */
export function createConnection(parts) {
  let last = 'connecting';
  return ({ state, silentSeconds }) => {
    setAttribute(parts.connection, 'data-state', state);
    setAttribute(document.body, 'data-connection', state);
    setText(parts.connection, CONNECTION_WORDS[state]);
    show(parts.lost, state === 'lost');
    if (state === 'lost') setText(parts.lost, lostWords(silentSeconds));
    if (state !== last) announce(state === 'lost' ? 'Connection lost, what you see is old.' : 'Connected.');
    last = state;
  };
}

function lostWords(silentSeconds) {
  if (silentSeconds === null) return 'No connection to the exporter yet. Trying again…';
  return `Connection lost ${duration(silentSeconds)} ago, what you see is old. Trying again…`;
}

/** The tab's title and icon carry the light too, for a tab in the background. */
export function createTab(name = null) {
  const icon = document.querySelector('link[rel=icon]');
  let last = null;
  return (health, connected) => {
    const known = connected ? knownHealth(health) : 'none';
    if (known === last) return;
    last = known;
    const words = [`${symbolFor(known)} ${connected ? wordFor(known) : 'Connection lost'}`, name, 'Pipeline health'];
    document.title = words.filter(Boolean).join(' · ');
    icon.href = `data:image/svg+xml,${encodeURIComponent(iconFor(known))}`;
  };
}

function iconFor(health) {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path fill="${ICON_COLOURS[health]}" d="${shapeOf(health)}"/></svg>`;
}

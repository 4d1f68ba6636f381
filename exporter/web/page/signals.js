// Event counts by signal since the start.

import { keyedList, partsOf, setAttribute, setName, setStyle, setText, show, stamp } from './dom.js';
import { count, shortCount } from './format.js';

const COUNTS = ['arrived', 'delivered', 'failed', 'dropped'];

export function createSignals() {
  const node = document.getElementById('signals');
  const parts = partsOf(node);
  const updateRows = keyedList(parts.rows, (signal) => signal.name, createSignal);
  return {
    node,
    update({ shown }) {
      const signals = shown?.signals ?? [];
      show(parts.empty, signals.length === 0);
      show(parts.table, signals.length > 0);
      updateRows(signals, Math.max(...signals.map((signal) => signal.arrived ?? 0), 1));
    },
  };
}

function createSignal() {
  const { node, parts } = stamp('signal-template');
  return {
    node,
    update(signal, most) {
      const lost = (signal.failed ?? 0) + (signal.dropped ?? 0);
      setName(parts.name, signal.name);
      setAttribute(parts.name, 'title', signal.description || null);
      setStyle(parts.delivered, 'width', `${((signal.delivered ?? 0) / most) * 100}%`);
      setStyle(parts.lost, 'width', `${(lost / most) * 100}%`);
      show(parts.lost, lost > 0);
      for (const name of COUNTS) updateCount(parts[`${name}Count`], signal[name]);
      setAttribute(parts.failedCount, 'data-some', signal.failed > 0);
      setAttribute(parts.droppedCount, 'data-some', signal.dropped > 0);
    },
  };
}

function updateCount(cell, value) {
  setText(cell, shortCount(value));
  setAttribute(cell, 'title', count(value));
}

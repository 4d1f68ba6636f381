// A light says its health by shape, word and colour, so that no one of them is needed.

import { setAttribute, setText, svgElement } from './dom.js';

const SHAPES = {
  healthy: 'M8 1.5a6.5 6.5 0 1 1 0 13a6.5 6.5 0 0 1 0-13Z',
  degraded: 'M8 1 15.5 14.5H.5Z',
  critical: 'M8 0 16 8 8 16 0 8Z',
  running: 'M3 1.5 14 8 3 14.5Z',
  none: 'M2 6.8h12v2.4H2Z',
};

const WORDS = { healthy: 'Healthy', degraded: 'Degraded', critical: 'Critical', running: 'Running', none: 'No data' };
const SYMBOLS = { healthy: '●', degraded: '▲', critical: '◆', none: '–' };
const SEVERITIES = { none: -1, healthy: 0, degraded: 1, critical: 2 };

export function knownHealth(health) {
  return Object.hasOwn(SEVERITIES, health ?? '') ? health : 'none';
}

export function severity(health) {
  return SEVERITIES[knownHealth(health)];
}

export function wordFor(health) {
  return WORDS[knownHealth(health)];
}

export function symbolFor(health) {
  return SYMBOLS[knownHealth(health)];
}

export function worstFirst(one, other) {
  return severity(other.health) - severity(one.health);
}

export function shapeOf(look) {
  return SHAPES[look] ?? SHAPES.none;
}

/** Turns `node` into a light; `update(look, word)` takes a health or `running`. */
export function createLight(node) {
  const path = svgElement('path');
  const shape = svgElement('svg', { viewBox: '0 0 16 16', 'aria-hidden': 'true', class: 'shape' });
  const words = document.createElement('span');
  shape.append(path);
  node.replaceChildren(shape, words);
  return {
    update(look, word = WORDS[look] ?? WORDS.none) {
      const known = Object.hasOwn(SHAPES, look ?? '') ? look : 'none';
      setAttribute(node, 'data-health', known);
      setAttribute(path, 'd', SHAPES[known]);
      setText(words, word);
    },
  };
}

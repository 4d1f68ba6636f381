// Fills <time> elements: relative in words, absolute in the title.

import { setAttribute, setText } from './dom.js';
import { absolute, ago } from './format.js';

export function setTime(node, iso, now, words = ago(iso, now)) {
  setText(node, words);
  setAttribute(node, 'datetime', iso);
  setAttribute(node, 'title', absolute(iso) || null);
}

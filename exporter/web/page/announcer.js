// Tells screen readers when something turned, not each second what the numbers are.

import { setText } from './dom.js';

export function announce(words) {
  setText(document.getElementById('announcer'), words);
}

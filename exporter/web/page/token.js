// Who may read or change things: a token, typed once, kept for this tab alone and sent with every request.
// It is never sent by itself, as a cookie would be, so no other page can use it.

import { partsOf, setText, show } from './dom.js';

const KEY = 'pipeline-health-token';
const entered = new EventTarget();
const form = document.getElementById('token');
const parts = partsOf(form);

export function tokenHeaders() {
  const token = sessionStorage.getItem(KEY);
  return token ? { Authorization: `Bearer ${token}` } : {};
}

/** Calls `listener` whenever somebody has entered a token. */
export function onToken(listener) {
  entered.addEventListener('token', listener);
}

/** Shows the form, unless what would help is no token. */
export function askForToken(challenges) {
  if (!challenges.includes('Bearer')) return;
  const known = sessionStorage.getItem(KEY) !== null;
  setText(parts.words, known ? 'This token is not known, or not any more.' : 'For this the exporter wants to know who you are.');
  show(form, true);
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  const token = parts.input.value.trim();
  if (!token) return;
  sessionStorage.setItem(KEY, token);
  parts.input.value = '';
  show(form, false);
  entered.dispatchEvent(new Event('token'));
});

// Requests to the exporter; failures become sentences that can be shown.

import { at } from './place.js';
import { askForToken, tokenHeaders } from './token.js';

/** The JSON at `path`. Throws an Error with `status` when the exporter refuses, without when it does not answer. */
export async function fetchJson(path, options = {}) {
  const response = await reach(path, { cache: 'no-store', ...options });
  if (!response.ok) throw Object.assign(new Error(await failure(response)), { status: response.status });
  return response.json();
}

export async function post(path, body) {
  const response = await reach(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(await failure(response));
  return response.json().catch(() => null);
}

/** The answer, with the token that was given; who is not let in is asked for one. */
export async function reach(path, options) {
  const headers = { ...options.headers, ...tokenHeaders() };
  const response = await fetch(at(path), { ...options, headers }).catch(() => {
    throw new Error('The exporter does not answer.');
  });
  if (response.status === 401) askForToken(response.headers.get('WWW-Authenticate') ?? '');
  return response;
}

async function failure(response) {
  const body = await response.json().catch(() => null);
  return typeof body?.error === 'string' ? body.error : `The exporter answered ${response.status}.`;
}

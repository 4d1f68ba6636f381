// Requests to the exporter; failures become sentences that can be shown.

import { askForToken, tokenHeaders } from './token.js';

export async function fetchStatus() {
  const response = await reach('api/v1/status', { cache: 'no-store' });
  if (!response.ok) throw new Error(await failure(response));
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
  const response = await fetch(path, { ...options, headers }).catch(() => {
    throw new Error('The exporter does not answer.');
  });
  if (response.status === 401) askForToken(response.headers.get('WWW-Authenticate') ?? '');
  return response;
}

async function failure(response) {
  const body = await response.json().catch(() => null);
  return typeof body?.error === 'string' ? body.error : `The exporter answered ${response.status}.`;
}

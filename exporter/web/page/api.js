// Requests to the exporter; failures become sentences that can be shown.

export async function fetchStatus() {
  const response = await fetch('api/v1/status', { cache: 'no-store' });
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

async function reach(path, options) {
  try {
    return await fetch(path, options);
  } catch {
    throw new Error('The exporter does not answer.');
  }
}

async function failure(response) {
  const body = await response.json().catch(() => null);
  return typeof body?.error === 'string' ? body.error : `The exporter answered ${response.status}.`;
}

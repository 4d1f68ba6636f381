// Where things are. A page may be below /pipelines/ and the exporter behind a proxy: this file knows its own address.

const ROOT = new URL('..', import.meta.url);

export function at(path) {
  return new URL(path, ROOT).href;
}

/** The address of a pipeline's page. Slashes stay slashes unless the address would then mean another place. */
export function pipelinePage(name) {
  const segments = String(name).split('/');
  const odd = segments.some((segment) => ['', '.', '..'].includes(segment));
  return at(`pipelines/${odd ? encodeURIComponent(name) : segments.map(encodeURIComponent).join('/')}`);
}

/** The name in the address of a pipeline's page. */
export function pipelineHere() {
  const path = location.pathname.slice(new URL('pipelines/', ROOT).pathname.length);
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

export function setPipelineLink(node, name) {
  const wanted = pipelinePage(name);
  if (node.href !== wanted) node.href = wanted;
}

// The page of one pipeline: how it is, its last runs, what it is judged by, and what is around it.

import { fetchJson } from './api.js';
import { partsOf, setText, show } from './dom.js';
import { createConnection, createTab } from './header.js';
import { createLimits } from './limits.js';
import { createNeighbours } from './neighbours.js';
import { createOpenIncidents } from './openincidents.js';
import { createPipelineHead } from './pipelinehead.js';
import { at, pipelineHere } from './place.js';
import { createPoll } from './poll.js';
import { createRuns } from './runs.js';

const EVERY_MS = 2000;
const UNKNOWN_EVERY_MS = 10000;

const name = pipelineHere();
const path = `api/v1/pipelines/${encodeURIComponent(name)}`;
const head = createPipelineHead(name);
const panels = [head, createOpenIncidents(), createRuns(), createLimits(), createNeighbours()];
const connection = createConnection(partsOf(document.getElementById('top')));
const updateTab = createTab(name);
let unknown = false;
let health = 'none';

partsOf(document.getElementById('foot')).json.href = at(path);
partsOf(document.getElementById('unknown')).search.href = at(`pipelines?search=${encodeURIComponent(name)}`);

async function ask(signal) {
  const [pipeline, incidents] = await Promise.all([
    fetchJson(path, { signal }),
    fetchJson(`api/v1/incidents?state=open&limit=20&pipeline=${encodeURIComponent(name)}`, { signal }),
  ]);
  return { pipeline, incidents };
}

function draw(answer) {
  unknown = false;
  health = answer.pipeline.health;
  show(document.getElementById('unknown'), false);
  for (const panel of panels) panel.update(answer);
}

function refuse(error) {
  unknown = error.status === 404;
  health = 'none';
  for (const panel of panels) show(panel.node, panel === head);
  head.refuse(error.message);
  show(document.getElementById('unknown'), unknown);
}

setText(document.getElementById('name'), name);
createPoll({
  ask,
  onAnswer: draw,
  onRefusal: refuse,
  onConnection(state) {
    connection(state);
    updateTab(health, state.state !== 'lost');
  },
  everyMs: () => (unknown ? UNKNOWN_EVERY_MS : EVERY_MS),
}).start();

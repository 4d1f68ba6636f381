// Puts the page together: one stream of reports in, every panel updated in place.

import { createDatasets } from './datasets.js';
import { partsOf, setText } from './dom.js';
import { createFaults } from './faults.js';
import { createHeader, createTab } from './header.js';
import { createHeadline } from './headline.js';
import { createIncidents } from './incidents.js';
import { createLatency } from './latency.js';
import { createChips, createChoice, createPipelineHead } from './pipelines.js';
import { createReview } from './review.js';
import { createSignals } from './signals.js';
import { createSlos } from './slos.js';
import { createStages } from './stages.js';
import { createStream } from './stream.js';
import { createSummary } from './summary.js';
import { createTraffic } from './traffic.js';

const choice = createChoice(() => draw());
const header = createHeader();
const updateTab = createTab();
const footParts = partsOf(document.getElementById('foot'));

const panels = [
  header,
  createHeadline(choice.choose),
  createChips(choice.choose),
  createPipelineHead(),
  createStages(),
  createLatency(),
  createTraffic(),
  createSignals(),
  createSlos(),
  createDatasets(),
  createIncidents(),
  createFaults(),
  createReview(),
  createSummary(),
];

let latest = null;
let frame = null;

function complete(status) {
  const lists = Object.fromEntries(['pipelines', 'incidents', 'review', 'jobs', 'datasets'].map((name) => [name, status[name] ?? []]));
  return { ...status, ...lists };
}

function viewOf(status) {
  const streams = status.pipelines.filter((pipeline) => pipeline.kind === 'stream');
  return { status, streams, shown: choice.pick(streams) };
}

function draw() {
  frame = null;
  if (!latest) return;
  const view = viewOf(latest);
  for (const panel of panels) updatePanel(panel, view);
  setText(footParts.version, `Pipeline health ${latest.version ?? ''}`);
}

// One part that can't be drawn must not freeze the others, and must not look alive.
function updatePanel(panel, view) {
  try {
    panel.update(view);
    panel.node?.removeAttribute('data-broken');
  } catch (error) {
    console.error(error);
    panel.node?.setAttribute('data-broken', 'true');
  }
}

function receive(status) {
  latest = complete(status);
  // A hidden tab gets no frames: it only keeps the latest report.
  frame ??= requestAnimationFrame(draw);
}

function follow(connection) {
  header.connection(connection);
  updateTab(latest?.health, connection.state !== 'lost');
}

const stream = createStream(receive, follow);
addEventListener('pagehide', stream.stop);
addEventListener('pageshow', (event) => event.persisted && stream.start());
stream.start();

// Who the pipeline is, its light, and what is unusual about it in words.

import { announce } from './announcer.js';
import { keyedList, partsOf, setAttribute, setName, setText, show, stamp } from './dom.js';
import { ownerWords } from './fleettable.js';
import { absolute, ago, clock, duration, secondsBetween } from './format.js';
import { createLight, knownHealth, wordFor } from './light.js';
import { at } from './place.js';

export const SEVERITIES = {
  critical: ['critical', 'Critical'],
  high: ['degraded', 'High'],
  medium: ['degraded', 'Medium'],
  low: ['none', 'Low'],
};

export function createPipelineHead(name) {
  const node = document.getElementById('head');
  const parts = partsOf(node);
  const light = createLight(parts.light);
  const updateUnusual = keyedList(parts.unusual, (one) => one.kind, createUnusual);
  let told = null;
  light.update('none');
  setName(parts.name, name);
  setAttribute(parts.live, 'href', at(`#pipeline=${encodeURIComponent(name)}`));
  return {
    node,
    update({ pipeline }) {
      const health = knownHealth(pipeline.health);
      const unusual = pipeline.anomalies.filter((one) => one.message);
      setText(parts.facts, [ownerWords(pipeline), pipeline.mode === 'live' && 'live'].filter(Boolean).join(' · '));
      setAttribute(parts.headline, 'data-health', health);
      light.update(health);
      setText(parts.sentence, unusual.length > 1 ? `${unusual.length} things are unusual` : pipeline.sentence);
      show(parts.unusual, unusual.length > 1);
      updateUnusual(unusual);
      setText(parts.meta, metaWords(pipeline));
      setAttribute(parts.meta, 'title', absolute(pipeline.since) || null);
      updateFurther(parts, pipeline);
      if (health !== told) announce(`${wordFor(health)}: ${pipeline.sentence}`);
      told = health;
    },
    refuse(message) {
      setAttribute(parts.headline, 'data-health', 'none');
      light.update('none');
      setText(parts.sentence, `${message[0].toUpperCase()}${message.slice(1)}.`);
      setText(parts.facts, '');
      setText(parts.meta, '');
      show(parts.unusual, false);
      show(parts.further, false);
      if (told !== 'unknown') announce(message);
      told = 'unknown';
    },
  };
}

function metaWords({ health, since, now, is_part: isPart, oldest_start: running }) {
  const seconds = secondsBetween(since, now);
  const lasting = seconds === null ? null : `${wordFor(health)} for ${duration(Math.max(0, Math.floor(seconds)))}, since ${clock(since, now)}`;
  const progress = running ? `a run in progress, started ${ago(running, now)}` : null;
  return [lasting, progress, isPart && 'a part of another job, which tells its failures'].filter(Boolean).join(' · ');
}

function updateFurther(parts, pipeline) {
  show(parts.further, true);
  setAttribute(parts.runbook, 'href', at(pipeline.runbook));
  setAttribute(parts.dashboard, 'href', pipeline.dashboard_url);
  show(parts.live, pipeline.kind === 'stream' && !pipeline.last_runs);
}

function createUnusual() {
  const { node, parts } = stamp('unusual-template');
  const light = createLight(parts.severity);
  return {
    node,
    update({ severity, message }) {
      light.update(...(SEVERITIES[severity] ?? ['none', severity]));
      setText(parts.message, message);
    },
  };
}

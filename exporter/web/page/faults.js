// Faults on purpose: the form that injects one, and the list of those at work.

import { post } from './api.js';
import { keyedList, partsOf, setAttribute, setOptions, setText, show, stamp } from './dom.js';
import { FAULT_KINDS, faultWords, originWords } from './faultwords.js';
import { duration, isNumber } from './format.js';

const DURATION = /^(\d+(\.\d+)?(ms|s|m|h|d))+$/;

export function createFaults() {
  const node = document.getElementById('faults');
  const parts = partsOf(node);
  const updateActive = keyedList(parts.active, ({ pipeline, fault }) => `${pipeline}/${fault.id}`, createActiveFault);
  const updateForm = createForm(parts);
  return {
    node,
    update({ streams, shown }) {
      const active = activeFaults(streams);
      show(node, streams.some(isBreakable));
      updateForm(streams.filter(isBreakable), shown);
      show(parts.empty, active.length === 0);
      updateActive(active, streams.length > 1);
    },
  };
}

function isBreakable(pipeline) {
  return pipeline.mode !== 'live';
}

function activeFaults(streams) {
  return streams.flatMap(({ name, stages }) => (stages ?? []).flatMap((stage) => (
    (stage.faults ?? []).map((fault) => ({ pipeline: name, stage: stage.name, fault })))));
}

function createActiveFault() {
  const { node, parts } = stamp('active-fault-template');
  return {
    node,
    update({ pipeline, stage, fault }, several) {
      const left = isNumber(fault.remaining_seconds) ? `${duration(Math.ceil(fault.remaining_seconds))} left` : '';
      setText(parts.what, faultWords(fault));
      setText(parts.where, `on ${several ? `${pipeline} / ` : ''}${stage}`);
      setText(parts.rest, [left, originWords(fault.origin)].filter(Boolean).join(', '));
    },
  };
}

function createForm(parts) {
  const say = createMessage(parts.message);
  let pipelines = [];
  const chosen = () => pipelines.find((pipeline) => pipeline.name === parts.pipeline.value);
  const offerStages = () => setOptions(parts.stage, (chosen()?.stages ?? []).map((stage) => [stage.name, stage.name]));
  setOptions(parts.kind, Object.entries(FAULT_KINDS).map(([kind, { name }]) => [kind, name]));
  createStrength(parts);
  parts.pipeline.addEventListener('change', offerStages);
  parts.form.addEventListener('submit', (event) => {
    event.preventDefault();
    inject(parts, say);
  });
  return (breakable, shown) => {
    const first = pipelines.length === 0;
    pipelines = breakable;
    setOptions(parts.pipeline, breakable.map(({ name }) => [name, name]));
    if (first && breakable.includes(shown)) parts.pipeline.value = shown.name;
    show(parts.pipelineField, breakable.length > 1);
    offerStages();
  };
}

function createStrength({ kind, strength, strengthLabel, effect }) {
  const typed = new Map();
  let current = null;
  function follow() {
    if (current) typed.set(current, strength.value);
    current = kind.value;
    const { field, label, effect: words, initial, above, max } = FAULT_KINDS[current];
    setText(strengthLabel, label);
    setText(effect, words);
    strength.disabled = field === null;
    strength.value = typed.get(current) ?? initial ?? '';
    setAttribute(strength, 'min', above);
    setAttribute(strength, 'max', max);
    setAttribute(strength, 'placeholder', field === null ? 'not needed' : null);
  }
  kind.addEventListener('change', follow);
  follow();
}

function createMessage(node) {
  return (kind, words) => {
    setAttribute(node, 'data-kind', kind);
    setText(node, words);
  };
}

async function inject(parts, say) {
  const { request, complaint } = readForm(parts);
  if (complaint) return say('error', complaint);
  parts.submit.setAttribute('aria-disabled', 'true');
  say('plain', 'Injecting…');
  try {
    await post('api/v1/faults', request);
    say('done', `${FAULT_KINDS[request.kind].name} injected into ${request.stage} for ${request.for}.`);
  } catch (error) {
    say('error', error.message);
  } finally {
    parts.submit.removeAttribute('aria-disabled');
  }
}

function readForm({ pipeline, stage, kind, strength, duration: length }) {
  const { field, label, above, max, scale = 1 } = FAULT_KINDS[kind.value];
  const lasting = withUnit(length.value.trim());
  const amount = strength.valueAsNumber;
  if (!DURATION.test(lasting)) return { complaint: 'Duration: expected something like 90s, 5m or 1h.' };
  if (field && !(amount > above && amount <= max)) return { complaint: `${label}: expected a number above ${above}, at most ${max}.` };
  const request = { pipeline: pipeline.value, stage: stage.value, kind: kind.value, for: lasting };
  if (field) request[field] = amount * scale;
  return { request };
}

function withUnit(words) {
  return /^\d+(\.\d+)?$/.test(words) ? `${words}s` : words;
}

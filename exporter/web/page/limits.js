// What a job is judged by: each measure now, beside the limits from which on it is unusual.

import { keyedList, partsOf, setAttribute, setText, show, stamp } from './dom.js';
import { count, decimal, duration, isNumber, percent } from './format.js';

const deviations = (value) => (isNumber(value) ? `${decimal(value)} deviations` : '–');
const SEVERITIES = ['medium', 'high', 'critical'];

export function createLimits() {
  const node = document.getElementById('judgement');
  const parts = partsOf(node);
  const updateList = keyedList(parts.list, (limit) => limit.measure, createLimit);
  return {
    node,
    update({ pipeline }) {
      const judged = Boolean(pipeline.judgement) && !pipeline.is_part;
      show(node, judged);
      if (judged) updateList(limitsOf(pipeline));
    },
  };
}

function limitsOf({ judgement, measured }) {
  const { duration: slower } = measured;
  return [
    limit('Failures in a row', measured.failures, judgement.failures, { from: true }),
    limit(`Success of the last ${count(measured.success_runs)} runs`, measured.success, judgement.success, { format: percent, below: true }),
    limit('Slower than usual, three runs in a row', slower.medium, { medium: judgement.duration.medium }, { format: deviations }),
    limit('Slower than usual, two runs in a row', slower.high, { high: judgement.duration.high }, { format: deviations }),
    limit('Share of the usual rows, two runs in a row', measured.rows, judgement.rows, { format: percent, below: true }),
    limit('Share of the usual rows a second, two runs in a row', measured.throughput, judgement.throughput, { format: percent, below: true }),
    limit('Time since the last success', measured.silent_seconds, { [measured.silent_severity]: measured.silent_after_seconds }, { format: wholeSeconds }),
    limit('Time a run is in progress', measured.stuck_seconds, { high: measured.stuck_after_seconds }, { format: wholeSeconds }),
  ];
}

function wholeSeconds(value) {
  return duration(isNumber(value) && value >= 10 ? Math.floor(value) : value);
}

function limit(measure, now, limits, { format = count, below = false, from = false } = {}) {
  const word = below ? 'below' : from ? 'from' : 'above';
  const exceeds = (value) => isNumber(now) && isNumber(value) && (below ? now < value : from ? now >= value : now > value);
  return {
    measure,
    now: format(now),
    limits: Object.fromEntries(SEVERITIES.map((name) => [name, isNumber(limits[name]) ? `${word} ${format(limits[name])}` : '–'])),
    exceeded: SEVERITIES.filter((name) => exceeds(limits[name])).at(-1) ?? null,
  };
}

function createLimit({ measure }) {
  const { node, parts } = stamp('limit-template');
  setText(parts.measure, measure);
  return {
    node,
    update({ now, limits, exceeded }) {
      setText(parts.now, now);
      for (const name of SEVERITIES) {
        setText(parts[name], name === exceeded ? `${limits[name]}: reached` : limits[name]);
        setAttribute(parts[name], 'data-some', name === exceeded);
      }
    },
  };
}

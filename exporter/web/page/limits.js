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

function limitsOf({ judgement, measured, anomalies }) {
  const { duration: slower } = measured;
  const severities = Object.fromEntries(anomalies.map(({ kind, severity }) => [kind, severity]));
  const limit = (kind, measure, now, limits, { format = count, word = 'above' } = {}) => ({
    measure,
    now: format(now),
    limits: Object.fromEntries(SEVERITIES.map((name) => [name, isNumber(limits[name]) ? `${word} ${format(limits[name])}` : '–'])),
    exceeded: severities[kind],
  });
  return [
    limit('failing', 'Failures in a row', measured.failures, judgement.failures, { word: 'from' }),
    limit('success', `Success of the last ${count(measured.success_runs)} runs`, measured.success, judgement.success, { format: percent, word: 'below' }),
    limit('duration', 'Slower than usual, three runs in a row', slower.medium, { medium: judgement.duration.medium }, { format: deviations }),
    limit('duration', 'Slower than usual, two runs in a row', slower.high, { high: judgement.duration.high }, { format: deviations }),
    limit('rows', 'Share of the usual rows, two runs in a row', measured.rows, judgement.rows, { format: percent, word: 'below' }),
    limit('throughput', 'Share of the usual rows a second, two runs in a row', measured.throughput, judgement.throughput, { format: percent, word: 'below' }),
    limit('silent', 'Time since the last success', measured.silent_seconds, { [measured.silent_severity]: measured.silent_after_seconds }, { format: wholeSeconds }),
    limit('stuck', 'Time a run is in progress', measured.stuck_seconds, { high: measured.stuck_after_seconds }, { format: wholeSeconds }),
  ];
}

function wholeSeconds(value) {
  return duration(isNumber(value) && value >= 10 ? Math.floor(value) : value);
}

function createLimit({ measure }) {
  const { node, parts } = stamp('limit-template');
  setText(parts.measure, measure);
  return {
    node,
    update({ now, limits, exceeded }) {
      setText(parts.now, now);
      for (const name of SEVERITIES) {
        const reached = name === exceeded && limits[name] !== '–';
        setText(parts[name], reached ? `${limits[name]}: reached` : limits[name]);
        setAttribute(parts[name], 'data-some', reached);
      }
    },
  };
}

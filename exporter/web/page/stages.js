// A pipeline's stages in the order events pass them: light, backlog, throughput, service time, history.

import { createChart, createStrip } from './charts.js';
import { keyedList, setAttribute, setName, setStyle, setText, show, stamp } from './dom.js';
import { faultTitle, shortFaultWords } from './faultwords.js';
import { coarse, count, duration, isNumber, rate } from './format.js';
import { createLight, knownHealth } from './light.js';

const REDUCED_BELOW = 0.995;

export function createStages() {
  const node = document.getElementById('stages');
  const updateStages = keyedList(node, ({ pipeline, stage }) => `${pipeline}/${stage.name}`, createStage);
  return {
    node,
    update({ shown }) {
      updateStages((shown?.stages ?? []).map((stage) => ({ pipeline: shown.name, stage })));
    },
  };
}

function createStage({ stage: { name } }) {
  const { node, parts } = stamp('stage-template');
  const light = createLight(parts.light);
  const updateFaults = keyedList(parts.faults, (fault) => fault.id, createFaultBadge);
  const drawings = [createBacklog(parts), createThroughput(parts), createService(parts), createHistory(parts)];
  node.dataset.testid = `stage-${name}`;
  parts.backlog.dataset.testid = `stage-${name}-backlog`;
  setName(parts.name, name);
  return {
    node,
    update({ stage }) {
      const health = knownHealth(stage.health);
      setAttribute(node, 'data-health', health);
      light.update(health);
      show(parts.blocked, stage.blocked === true);
      updateFaults(stage.faults ?? []);
      for (const draw of drawings) draw(stage);
    },
  };
}

function createFaultBadge() {
  const { node } = stamp('fault-badge-template');
  return {
    node,
    update(fault) {
      setText(node, [shortFaultWords(fault), remaining(fault)].filter(Boolean).join(' · '));
      setAttribute(node, 'title', faultTitle(fault));
    },
  };
}

function remaining({ remaining_seconds: seconds }) {
  return isNumber(seconds) ? coarse(Math.ceil(seconds)) : '';
}

function share(value, whole) {
  return isNumber(value) && whole > 0 ? Math.min(1, Math.max(0, value / whole)) : 0;
}

function createBacklog(parts) {
  const bar = parts.backlogBar;
  const [fill, ...ticks] = bar.children;
  const placeLabels = createThresholdLabels(parts.thresholds);
  return ({ backlog, thresholds }) => {
    const { degraded, critical, limit } = thresholds ?? {};
    setText(parts.backlog, count(backlog));
    setStyle(fill, 'width', `${share(backlog, limit) * 100}%`);
    [degraded, critical].forEach((level, index) => {
      show(ticks[index], isNumber(level));
      setStyle(ticks[index], 'left', `${share(level, limit) * 100}%`);
    });
    placeLabels(degraded, critical, limit);
    setAttribute(bar, 'aria-valuenow', backlog ?? 0);
    setAttribute(bar, 'aria-valuemax', limit);
    setAttribute(bar, 'aria-valuetext', `${count(backlog)} waiting; degraded above ${count(degraded)}, critical above ${count(critical)}, limit ${count(limit)}`);
  };
}

/** Labels stand below their ticks where there is room, else in a row. */
function createThresholdLabels(row) {
  const labels = [...row.children];
  return (degraded, critical, limit) => {
    const [first, second] = [share(degraded, limit), share(critical, limit)];
    setAttribute(row, 'data-placed', first >= 0.12 && second - first >= 0.27 && second <= 0.52);
    [['▲', degraded], ['◆', critical], ['limit', limit]].forEach(([name, level], index) => {
      setText(labels[index], isNumber(level) ? `${name} ${count(level)}` : '');
      setStyle(labels[index], 'left', `${share(level, limit) * 100}%`);
    });
  };
}

function createThroughput(parts) {
  const [lost, fill] = parts.throughputBar.children;
  return ({ throughput_per_second: throughput, capacity_per_second: capacity, nominal_capacity_per_second: nominal }) => {
    const full = Math.max(capacity ?? 0, nominal ?? 0);
    const reduced = isNumber(capacity) && isNumber(nominal) && capacity < nominal * REDUCED_BELOW;
    setText(parts.throughput, rate(throughput));
    setText(parts.capacity, isNumber(capacity) ? `of ${rate(capacity)}` : '');
    setStyle(fill, 'width', `${share(throughput, full) * 100}%`);
    setStyle(lost, 'width', `${reduced ? (1 - share(capacity, full)) * 100 : 0}%`);
    setText(parts.reduced, capacityWords(reduced, nominal));
    setAttribute(parts.reduced, 'data-reduced', reduced);
  };
}

function capacityWords(reduced, nominal) {
  return reduced ? `Reduced from ${rate(nominal)}` : 'Throughput of capacity';
}

function createService(parts) {
  return ({ service_seconds: service }) => {
    for (const quantile of ['p50', 'p95', 'p99']) setText(parts[quantile], duration(service?.[quantile]));
  };
}

function createHistory(parts) {
  const chart = createChart(parts.chart, {
    series: [{ name: 'backlog', look: 'first' }],
    marks: ['degraded', 'critical'],
    area: true,
  });
  const strip = createStrip(parts.strip);
  return ({ backlog, thresholds, history }) => {
    const values = history?.backlog ?? [];
    const highest = values.reduce((top, value) => (isNumber(value) ? Math.max(top, value) : top), 0);
    chart.update({
      values: [values],
      marks: [thresholds?.degraded, thresholds?.critical],
      describe: `Backlog over the last ${values.length} s: now ${count(backlog)}, at most ${count(highest)}`,
      format: count,
    });
    strip.update(history?.health);
  };
}

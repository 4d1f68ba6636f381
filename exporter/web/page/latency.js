// End-to-end latency of the shown pipeline, against its latency objective.

import { createChart } from './charts.js';
import { partsOf, setText, show } from './dom.js';
import { inSeconds, isNumber } from './format.js';

export function createLatency() {
  const node = document.getElementById('latency');
  const parts = partsOf(node);
  const chart = createChart(parts.chart, { series: [{ name: 'p95', look: 'first' }], marks: ['target'], axis: true });
  return {
    node,
    update({ shown }) {
      if (!shown) return;
      const target = latencyTarget(shown.slos);
      const now = shown.latency_seconds;
      for (const quantile of ['p50', 'p95', 'p99']) setText(parts[quantile], inSeconds(now?.[quantile]));
      show(parts.targetKey, isNumber(target));
      setText(parts.targetKey, `objective ${inSeconds(target)}`);
      chart.update({
        values: [shown.history?.latency_p95],
        marks: [target],
        describe: `Latency p95: now ${inSeconds(now?.p95)}${isNumber(target) ? `, objective ${inSeconds(target)}` : ''}`,
        format: inSeconds,
      });
    },
  };
}

function latencyTarget(slos) {
  const timed = (slos ?? []).filter((slo) => slo.unit === 's' && isNumber(slo.target));
  return (timed.find((slo) => slo.name === 'latency') ?? timed[0])?.target;
}

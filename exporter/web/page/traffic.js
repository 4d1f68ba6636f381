// What arrived against what was delivered, each pipeline second.

import { createChart } from './charts.js';
import { partsOf, setText } from './dom.js';
import { MISSING, decimal, rate } from './format.js';

const RECENT_SECONDS = 10;

export function createTraffic() {
  const node = document.getElementById('traffic');
  const parts = partsOf(node);
  const chart = createChart(parts.chart, {
    series: [{ name: 'arrived', look: 'second' }, { name: 'delivered', look: 'first' }],
    axis: true,
  });
  return {
    node,
    update({ shown }) {
      if (!shown) return;
      const { arrived, delivered } = shown.history ?? {};
      setText(parts.arrived, rate(recentMean(arrived)));
      setText(parts.delivered, rate(recentMean(delivered)));
      setText(parts.regime, shown.traffic_regime ?? MISSING);
      chart.update({
        values: [arrived, delivered],
        describe: `Traffic: ${rate(recentMean(arrived))} arrived, ${rate(recentMean(delivered))} delivered`,
        format: decimal,
      });
    },
  };
}

// One second alone jumps too much to be read.
function recentMean(values) {
  const recent = (values ?? []).slice(-RECENT_SECONDS).filter(Number.isFinite);
  return recent.length ? recent.reduce((sum, value) => sum + value, 0) / recent.length : null;
}

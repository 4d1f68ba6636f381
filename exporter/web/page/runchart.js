// One bar a run within the band of what is usual. What did not succeed has a shape on top and its word inside.

import { keyedList, setAttribute, setStyle, setText, show, svgElement } from './dom.js';
import { STATES } from './fleettable.js';
import { isNumber } from './format.js';
import { shapeOf } from './light.js';

const LOOKS = { failed: 'critical', abandoned: 'critical', aborted: 'degraded', skipped: 'none' };
const HEADROOM = 1.1;
// One run that took a hundred times as long must not make all others the same line.
const HIGHEST_OF_USUAL = 4;

/** `valueOf(run)` is what is drawn, null where there is none; `update(runs, band)` takes the oldest first. */
export function createRunChart(host, { what, format, valueOf }) {
  const plot = element('div', 'run-plot', { role: 'img' });
  const band = element('div', 'run-band');
  const usual = element('div', 'run-usual');
  const bars = element('div', 'run-bars');
  const top = element('span', 'run-axis run-axis-top');
  const legend = element('p', 'legend');
  plot.append(band, usual, bars, top, element('span', 'run-axis run-axis-zero', {}, '0'));
  host.append(plot, legend);
  const updateBars = keyedList(bars, (run) => `${run.run_id} ${run.ended} ${run.state}`, () => createBar(format, valueOf));
  return {
    update(runs, known) {
      const highest = highestOf(runs.map(valueOf), known);
      for (const node of [band, usual]) show(node, Boolean(known));
      if (known) place(band, usual, known, highest);
      setText(top, format(highest / HEADROOM));
      setText(legend, legendOf(known, format));
      setAttribute(plot, 'aria-label', describe(what, runs, known, { format, valueOf }));
      updateBars(runs, highest);
    },
  };
}

function element(name, className, attributes = {}, words = '') {
  const node = document.createElement(name);
  node.className = className;
  node.textContent = words;
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  return node;
}

function highestOf(values, known) {
  const numbers = values.filter(isNumber);
  const highest = Math.max(...numbers, known?.high ?? 0, 0);
  return (known ? Math.min(highest, known.high * HIGHEST_OF_USUAL) : highest) * HEADROOM || 1;
}

function place(band, usual, known, highest) {
  const share = (value) => `${Math.min(100, (value / highest) * 100)}%`;
  setStyle(band, 'bottom', share(known.low));
  setStyle(band, 'height', share(known.high - known.low));
  setStyle(usual, 'bottom', share(known.usual));
}

function legendOf(known, format) {
  if (!known) return 'What is usual is not known yet: too few runs have succeeded.';
  return `Usual ${format(known.usual)}; most runs lie between ${format(known.low)} and ${format(known.high)} (the grey band).`;
}

function describe(what, runs, known, { format, valueOf }) {
  const last = runs.at(-1);
  const failed = runs.filter((run) => LOOKS[run.state] === 'critical').length;
  const usual = known ? `, usually ${format(known.usual)}` : '';
  return last ? `${what} of the last ${runs.length} runs: the newest ${format(valueOf(last))}${usual}; ${failed} failed. The table below has each.` : what;
}

function createBar(format, valueOf) {
  const node = element('div', 'run-bar');
  const fill = element('div', 'run-fill');
  const mark = svgElement('svg', { viewBox: '0 0 16 16', class: 'run-mark', 'aria-hidden': 'true' });
  const shape = svgElement('path');
  const words = element('span', 'run-word');
  mark.append(shape);
  node.append(words, mark, fill);
  return {
    node,
    update(run, highest) {
      const value = valueOf(run);
      const look = LOOKS[run.state];
      setAttribute(node, 'data-state', run.state);
      setAttribute(node, 'data-cut', isNumber(value) && value > highest);
      setAttribute(node, 'title', [STATES[run.state], isNumber(value) ? format(value) : 'not known'].join(', '));
      setStyle(fill, 'height', `${isNumber(value) ? Math.min(100, (value / highest) * 100) : 0}%`);
      mark.style.display = look ? '' : 'none';
      setAttribute(shape, 'd', shapeOf(look));
      setText(words, look ? STATES[run.state].toLowerCase() : '');
    },
  };
}

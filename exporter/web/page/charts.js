// Small SVG charts of the last three pipeline minutes. The nodes are made once; an update only rewrites paths.

import { setAttribute, setStyle, setText, show, svgElement } from './dom.js';
import { duration, isNumber } from './format.js';

const POINTS = 180;
const LAST = POINTS - 1;
const HEIGHT = 100;
const HEADROOM = 1.12;
const LEVELS = ['healthy', 'degraded', 'critical'];

/**
 * A line chart inside `host`. `series` are `{name, look}`, `marks` the looks of horizontal lines; `axis` adds labels.
 * `update({values, marks, describe, format})`: one array of numbers (null is a gap) per series, one number per mark.
 */
export function createChart(host, { series, marks = [], area = false, axis = false }) {
  const svg = svgElement('svg', { viewBox: `0 0 ${LAST} ${HEIGHT}`, preserveAspectRatio: 'none', role: 'img' });
  const areaPath = svgElement('path', { class: 'area' });
  const markPaths = marks.map((look) => svgElement('path', { class: `mark mark-${look}` }));
  const linePaths = series.map(({ look }) => svgElement('path', { class: `line line-${look}` }));
  svg.append(...(area ? [areaPath] : []), ...markPaths, ...linePaths);
  host.classList.add('chart');
  host.append(svg);
  const updateAxis = axis ? createAxis(host) : () => {};
  const updateReadout = createReadout(host, series);

  return {
    update({ values, marks: levels = [], describe, format }) {
      const recent = values.map((points) => (points ?? []).slice(-POINTS));
      const numbers = [...recent.flat(), ...levels].filter(isNumber);
      const top = Math.max(...numbers, 0) * HEADROOM || 1;
      linePaths.forEach((path, index) => setAttribute(path, 'd', linePath(recent[index], top)));
      markPaths.forEach((path, index) => setAttribute(path, 'd', markPath(levels[index], top)));
      if (area) setAttribute(areaPath, 'd', areaPathOf(recent[0], top));
      setAttribute(svg, 'aria-label', describe);
      updateAxis(top, numbers.length ? format : () => '');
      updateReadout(recent, format);
    },
  };
}

function heightOf(value, top) {
  return (HEIGHT - (value / top) * HEIGHT).toFixed(1);
}

function linePath(values, top) {
  const start = POINTS - values.length;
  let drawing = false;
  return values.map((value, index) => {
    const joined = drawing;
    drawing = isNumber(value);
    if (!drawing) return '';
    const point = `${start + index} ${heightOf(value, top)}`;
    // The empty h0 makes a lone point visible as a dot.
    return joined ? `L${point}` : `M${point}h0`;
  }).join('');
}

function areaPathOf(values, top) {
  if (!values.length) return '';
  const start = POINTS - values.length;
  const points = values.map((value, index) => `L${start + index} ${heightOf(isNumber(value) ? value : 0, top)}`);
  return `M${start} ${HEIGHT}${points.join('')}L${LAST} ${HEIGHT}Z`;
}

function markPath(level, top) {
  return isNumber(level) ? `M0 ${heightOf(level, top)}H${LAST}` : '';
}

function label(className, words = '') {
  const node = document.createElement('span');
  node.className = className;
  node.textContent = words;
  node.setAttribute('aria-hidden', 'true');
  return node;
}

function createAxis(host) {
  const highest = label('axis axis-top');
  host.classList.add('chart-axis');
  host.append(highest, label('axis axis-zero', '0'), label('axis axis-start', '3 min ago'), label('axis axis-end', 'now'));
  return (top, format) => {
    setText(highest, format(niceBelow(top)));
    setStyle(highest, 'top', `${heightOf(niceBelow(top), top)}%`);
  };
}

/** The largest round number that still fits below `top`. */
function niceBelow(top) {
  const power = 10 ** Math.floor(Math.log10(top));
  return ([8, 6, 5, 4, 3, 2].find((step) => step * power <= top) ?? 1) * power;
}

function createReadout(host, series) {
  const cursor = label('cursor');
  const words = label('readout');
  let place = null;
  let latest = { values: [], format: String };
  host.append(cursor, words);

  function draw() {
    show(cursor, place !== null);
    show(words, place !== null);
    if (place === null) return;
    setStyle(cursor, 'left', `${place * 100}%`);
    setStyle(words, 'left', `${place * 100}%`);
    words.classList.toggle('readout-left', place > 0.5);
    setText(words, readingAt(Math.round(place * LAST), series, latest));
  }

  host.addEventListener('pointermove', (event) => {
    const box = host.getBoundingClientRect();
    place = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
    draw();
  });
  host.addEventListener('pointerleave', () => {
    place = null;
    draw();
  });
  draw();
  return (values, format) => {
    latest = { values, format };
    if (place !== null) draw();
  };
}

function readingAt(position, series, { values, format }) {
  const readings = series.map(({ name }, index) => {
    const value = values[index]?.[position - POINTS + values[index].length];
    return `${name} ${isNumber(value) ? format(value) : '–'}`;
  });
  return [position === LAST ? 'now' : `${duration(LAST - position)} ago`, ...readings].join(' · ');
}

/** Health over time as a strip: the worse, the taller, so that it can be read without colour. */
export function createStrip(host) {
  const svg = svgElement('svg', { viewBox: `0 0 ${POINTS} ${LEVELS.length}`, preserveAspectRatio: 'none', role: 'img' });
  const paths = LEVELS.map((health) => svgElement('path', { class: `strip-${health}` }));
  svg.append(...paths);
  host.classList.add('strip');
  host.append(svg);
  return {
    update(levels) {
      const recent = (levels ?? []).slice(-POINTS);
      paths.forEach((path, level) => setAttribute(path, 'd', stripPath(recent, level)));
      setAttribute(svg, 'aria-label', describeStrip(recent));
    },
  };
}

function stripPath(levels, level) {
  const start = POINTS - levels.length;
  const rise = level + 1;
  return runsOf(levels, level).map(([from, length]) => `M${start + from} ${LEVELS.length}v-${rise}h${length}v${rise}Z`).join('');
}

function runsOf(levels, level) {
  const runs = [];
  levels.forEach((value, index) => {
    const last = runs.at(-1);
    if (value !== level) return;
    if (last && last[0] + last[1] === index) last[1] += 1;
    else runs.push([index, 1]);
  });
  return runs;
}

function describeStrip(levels) {
  const seconds = LEVELS.map((_, level) => levels.filter((value) => value === level).length);
  return `Health over the last ${levels.length} s: ${LEVELS.map((name, level) => `${name} ${seconds[level]} s`).join(', ')}`;
}

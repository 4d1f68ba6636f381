// What went wrong lately, what is still going on first.

import { keyedList, partsOf, setAttribute, setText, show, stamp } from './dom.js';
import { count, duration, isNumber } from './format.js';
import { createLight } from './light.js';
import { createShortlist } from './shortlist.js';
import { setTime } from './time.js';

const SHORT = 5;

export function createIncidents() {
  const node = document.getElementById('incidents');
  const parts = partsOf(node);
  const updateList = keyedList(parts.list, (incident) => incident.id, createIncident);
  let now = null;
  const updateShortlist = createShortlist(parts.more, SHORT, (visible) => updateList(visible, now));
  return {
    node,
    update({ status }) {
      now = status.now;
      show(parts.empty, status.incidents.length === 0);
      updateShortlist([...status.incidents].sort(openFirst));
    },
  };
}

function isOpen(incident) {
  return (incident.ended ?? null) === null;
}

function openFirst(one, other) {
  return isOpen(other) - isOpen(one);
}

function createIncident() {
  const { node, parts } = stamp('incident-template');
  const light = createLight(parts.light);
  return {
    node,
    update(incident, now) {
      const open = isOpen(incident);
      light.update(open ? 'critical' : 'none', open ? 'Open' : 'Over');
      setAttribute(node, 'data-open', open);
      setText(parts.summary, incident.summary ?? incident.id);
      setText(parts.where, [incident.pipeline, incident.stage].filter(Boolean).join(' / '));
      setTime(parts.started, incident.started, now);
      setText(parts.duration, isNumber(incident.duration_seconds) ? `${open ? 'so far' : 'took'} ${duration(incident.duration_seconds)}` : '');
      setText(parts.peak, isNumber(incident.peak_backlog) ? `peak ${count(incident.peak_backlog)} waiting` : '');
      setAttribute(parts.where, 'title', incident.team ? `Team ${incident.team}` : null);
    },
  };
}

// What Alertmanager tells of this pipeline and is not over.

import { keyedList, partsOf, setAttribute, setName, setText, show, stamp } from './dom.js';
import { clock, duration, isNumber } from './format.js';
import { createLight } from './light.js';
import { SEVERITIES } from './pipelinehead.js';
import { at } from './place.js';

export function createOpenIncidents() {
  const node = document.getElementById('incidents');
  const parts = partsOf(node);
  const updateList = keyedList(parts.list, (incident) => incident.id, createIncident);
  setAttribute(parts.answer, 'href', at('#incidents'));
  return {
    node,
    update({ incidents, pipeline }) {
      show(node, incidents.length > 0);
      updateList(incidents, pipeline.now);
    },
  };
}

function createIncident() {
  const { node, parts } = stamp('open-incident-template');
  const light = createLight(parts.severity);
  return {
    node,
    update(incident, now) {
      light.update(...(SEVERITIES[incident.severity] ?? ['none', incident.severity]));
      setName(parts.title, incident.summary);
      setText(parts.rest, restWords(incident, now));
    },
  };
}

function restWords(incident, now) {
  const seconds = incident.duration_seconds;
  const names = incident.alerts.filter(({ status }) => status === 'firing').map(({ labels }) => labels.alertname);
  return [
    `since ${clock(incident.started, now)}`,
    isNumber(seconds) && `for ${duration(Math.floor(seconds))} so far`,
    [...new Set(names)].join(', '),
    incident.acknowledged ? `acknowledged${incident.acknowledged_by ? ` by ${incident.acknowledged_by}` : ''}` : 'nobody has said that they are on it',
  ].filter(Boolean).join(' · ');
}

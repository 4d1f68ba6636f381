// What alerts say is wrong, what goes on first; somebody can say that they are on it, and write a note.

import { post } from './api.js';
import { keyedList, partsOf, setAttribute, setName, setText, show, stamp } from './dom.js';
import { ago, clock, duration, isNumber } from './format.js';
import { createLight } from './light.js';
import { createShortlist } from './shortlist.js';
import { setTime } from './time.js';

const SHORT = 5;
const SEVERITIES = {
  critical: ['critical', 'Critical'],
  high: ['degraded', 'High'],
  medium: ['degraded', 'Medium'],
  low: ['none', 'Low'],
};

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
      const heard = status.alerting_last_heard ?? null;
      const none = status.incidents.length === 0;
      show(parts.heard, heard !== null);
      setText(parts.heard, `Alertmanager last heard ${ago(heard, now)}`);
      show(parts.empty, none && heard !== null);
      show(parts.unheard, none && heard === null);
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

function createIncident({ id }) {
  const { node, parts } = stamp('incident-template');
  const light = createLight(parts.severity);
  const updateAlerts = keyedList(parts.alerts, (name) => name, createAlertName);
  const updateAnswer = createAnswer(id, parts);
  node.dataset.testid = `incident-${id}`;
  return {
    node,
    update(incident, now) {
      const open = isOpen(incident);
      const [look, word] = SEVERITIES[incident.severity] ?? ['none', incident.severity];
      const [title, rest] = parted(incident.summary ?? id);
      setAttribute(node, 'data-open', open);
      light.update(open ? look : 'none', word);
      setName(parts.title, title);
      setText(parts.rest, rest);
      setName(parts.where, [incident.pipeline || incident.dataset, incident.stage].filter(Boolean).join(' / '));
      setText(parts.team, incident.team ? `team ${incident.team}` : '');
      setTime(parts.started, incident.started, now, `since ${clock(incident.started, now)}`);
      setText(parts.state, stateWords(incident, open));
      show(parts.escalated, incident.escalated === true);
      updateAlerts(incident.alerts ?? []);
      setLink(parts.runbook, incident.runbook_url);
      updateAnswer(incident, now);
    },
  };
}

/** The alert's own sentence, and what was true when it came. */
function parted(summary) {
  const end = summary.indexOf('. ');
  return end < 0 ? [summary, ''] : [summary.slice(0, end), summary.slice(end + 2)];
}

function stateWords({ resolution, duration_seconds: seconds }, open) {
  const lasting = isNumber(seconds) ? duration(Math.floor(seconds)) : '';
  if (open) return `for ${lasting} so far`;
  return `${resolution ?? 'over'}${resolution === 'resolved' ? ' after' : ', last heard after'} ${lasting}`;
}

function createAlertName(name) {
  const node = document.createElement('li');
  setText(node, name);
  return { node, update() {} };
}

// The address was posted by somebody: one that runs a script must not become a link.
function setLink(node, url) {
  const safe = /^https?:\/\//i.test(url ?? '');
  show(node, safe);
  setAttribute(node, 'href', safe ? url : null);
}

/** The button stays after an acknowledgement: the focus has somewhere to be. What is over has room for a note on demand. */
function createAnswer(id, parts) {
  let typing = false;
  let acknowledged = false;
  let writing = false;

  function draw(incident, now) {
    acknowledged = (incident.acknowledged ?? null) !== null;
    setAttribute(parts.acknowledge, 'aria-pressed', acknowledged);
    setText(parts.acknowledge, acknowledged ? 'Acknowledged' : 'Acknowledge');
    show(parts.acknowledge, acknowledged || isOpen(incident));
    setText(parts.by, acknowledged ? byWords(incident, now) : '');
    if (!typing) parts.note.value = incident.note ?? '';
    drawForm(writing || isOpen(incident) || acknowledged || Boolean(incident.note));
  }

  function drawForm(visible) {
    show(parts.form, visible);
    show(parts.write, !visible);
    show(parts.save, typing);
  }

  async function send(answer, done) {
    setAttribute(parts.message, 'data-kind', 'plain');
    setText(parts.message, 'Saving…');
    try {
      const incident = await post(`api/v1/incidents/${encodeURIComponent(id)}`, answer);
      typing = false;
      if (incident) draw(incident, new Date().toISOString());
      setText(parts.message, done);
    } catch (error) {
      setAttribute(parts.message, 'data-kind', 'error');
      setText(parts.message, error.message);
    }
  }

  parts.write.addEventListener('click', () => {
    writing = true;
    drawForm(true);
    parts.note.focus();
  });
  parts.note.addEventListener('input', () => {
    typing = true;
    show(parts.save, true);
  });
  parts.acknowledge.addEventListener('click', () => {
    if (acknowledged) return;
    send({ acknowledged: true, ...(typing ? { note: parts.note.value } : {}) }, typing ? 'Acknowledged, note saved' : '');
  });
  parts.form.addEventListener('submit', (event) => {
    event.preventDefault();
    send({ note: parts.note.value }, 'Note saved');
  });
  return draw;
}

function byWords({ acknowledged, acknowledged_by: by }, now) {
  return [by && `by ${by}`, ago(acknowledged, now)].filter(Boolean).join(', ');
}

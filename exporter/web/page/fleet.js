// All pipelines: a filter that lives in the address, and as many of the worst as somebody wants to see.

import { announce } from './announcer.js';
import { fetchJson } from './api.js';
import { createFilter } from './filter.js';
import { createFleetTable } from './fleettable.js';
import { createConnection } from './header.js';
import { partsOf } from './dom.js';
import { createPoll } from './poll.js';

const EVERY_MS = 2000;
// Who opens thousands of rows can't read them each second anyway.
const EVERY_MS_A_ROW = 10;

const filter = createFilter(document.getElementById('filter'), () => {
  table.fold();
  asked = true;
  poll.now();
});
const table = createFleetTable(document.getElementById('fleet'), {
  onMore: () => poll.now(),
  onClear: () => filter.clear(),
});
let asked = false;

const poll = createPoll({
  ask: (signal) => fetchJson(`api/v1/pipelines?${filter.query()}&limit=${table.limit()}`, { signal }),
  onAnswer(answer) {
    filter.update(answer);
    table.update(answer, filter.isSet());
    // Read out when somebody filtered, not each time that a light turns.
    if (asked) announce(table.words());
    asked = false;
  },
  onRefusal: (error) => table.refuse(error.message),
  onConnection: createConnection(partsOf(document.getElementById('top'))),
  everyMs: () => Math.max(EVERY_MS, table.limit() * EVERY_MS_A_ROW),
});

poll.start();

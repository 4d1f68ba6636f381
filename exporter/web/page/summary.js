// How many pipelines have which light, each the way to them; where to find one; how jobs come to be among them.

import { partsOf, setAttribute, setText, show } from './dom.js';
import { count, counted } from './format.js';
import { createLight, wordFor } from './light.js';
import { at } from './place.js';

export function createSummary() {
  const node = document.getElementById('fleet');
  const parts = partsOf(node);
  const lights = [...parts.lights.children].map(createCount);
  const headline = document.getElementById('headline');
  let moved = false;
  setText(parts.dbtHint, `OPENLINEAGE_URL=${location.origin} dbt-ol run`);
  setText(parts.postHint, `POST ${location.origin}/api/v1/lineage`);
  return {
    node,
    update({ status }) {
      const known = Object.values(status.lights).reduce((sum, number) => sum + number, 0);
      setText(parts.total, counted(known, 'pipeline'));
      show(parts.known, known > 0);
      show(parts.empty, status.jobs_total === 0);
      for (const update of lights) update(status.lights);
      // Beside jobs the counts are the news; streams alone have said all above.
      if (status.jobs_total > 0 && !moved) headline.after(node);
      moved ||= status.jobs_total > 0;
    },
  };
}

function createCount(node) {
  const { look } = node.dataset;
  const [light, number] = node.firstElementChild.children;
  createLight(light).update(look, wordFor(look));
  setAttribute(node.firstElementChild, 'href', at(`pipelines?health=${look}`));
  return (lights) => setText(number, count(lights[look]));
}

// What of the fleet is wanted: words in the name, a team, lights. It is kept in the address, so that it can be shared.

import { partsOf, setAttribute, setOptions, setText, show } from './dom.js';
import { count } from './format.js';
import { createLight, wordFor } from './light.js';

const TYPING_MS = 150;

/** `query()` for the API, `isSet()`, `clear()`, and `update(answer)` with the counts and the teams that there are. */
export function createFilter(form, onChange) {
  const parts = partsOf(form);
  const lights = [...parts.lights.children].map(createLightButton);
  let timer = null;
  read();

  function read() {
    const wanted = new URLSearchParams(location.search);
    parts.search.value = wanted.get('search') ?? '';
    parts.parts.checked = wanted.get('parts') === 'yes';
    offerTeams([], wanted.get('team') ?? '');
    parts.team.value = wanted.get('team') ?? '';
    for (const light of lights) light.press(wanted.getAll('health').includes(light.look));
  }

  function query() {
    const wanted = new URLSearchParams();
    const search = parts.search.value.trim();
    if (search) wanted.set('search', search);
    if (parts.team.value) wanted.set('team', parts.team.value);
    for (const light of lights) if (light.pressed()) wanted.append('health', light.look);
    if (parts.parts.checked) wanted.set('parts', 'yes');
    return wanted;
  }

  function changed() {
    clearTimeout(timer);
    const words = query().toString();
    history.replaceState(history.state, '', words ? `?${words}` : location.pathname);
    onChange();
  }

  function offerTeams(teams, chosen) {
    // A team that is gone stays to be seen as long as it is what is filtered by.
    const known = chosen && !teams.includes(chosen) ? [chosen, ...teams] : teams;
    setOptions(parts.team, [['', 'All teams'], ...known.map((team) => [team, team])]);
  }

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    changed();
  });
  parts.search.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(changed, TYPING_MS);
  });
  parts.team.addEventListener('change', changed);
  parts.parts.addEventListener('change', changed);
  for (const light of lights) light.onToggle(changed);

  return {
    query,
    isSet: () => query().size > 0,
    clear() {
      form.reset();
      parts.search.value = '';
      parts.team.value = '';
      parts.parts.checked = false;
      for (const light of lights) light.press(false);
      changed();
      parts.search.focus();
    },
    update(answer) {
      offerTeams(answer.teams, parts.team.value);
      show(parts.partsField, answer.parts > 0 || parts.parts.checked);
      setText(parts.partsCount, `(${count(answer.parts)})`);
      for (const light of lights) light.count(answer.lights[light.look]);
    },
  };
}

function createLightButton(node) {
  const { look } = node.dataset;
  const number = node.querySelector('.chip-count');
  createLight(node.querySelector('.light')).update(look, wordFor(look));
  const press = (pressed) => setAttribute(node, 'aria-pressed', pressed);
  const pressed = () => node.getAttribute('aria-pressed') === 'true';
  return {
    look,
    press,
    pressed,
    count: (value) => setText(number, count(value)),
    onToggle(tell) {
      node.addEventListener('click', () => {
        press(!pressed());
        tell();
      });
    },
  };
}

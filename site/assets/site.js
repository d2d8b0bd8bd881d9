// What a page does in the browser: search, the menu of a phone, and boxes that scroll by keyboard. No page needs it to be read.
const root = document.documentElement;
const base = root.dataset.root ?? '';
root.classList.add('script');

/* Search: the index is fetched with the first use, as a script, so that pages opened from files have it as well. */

const query = document.getElementById('query');
const results = document.getElementById('results');
const found = document.getElementById('found');
const limit = 20;
const methods = new Set(['get', 'post', 'put', 'patch', 'delete']);
const weights = { page: 6, operation: 8, type: 8, heading: 4, property: 2, argument: 0 };
const kinds = { page: 'Page', operation: 'Operation', type: 'Type', heading: 'Section', property: 'Property', argument: 'Argument' };
let loading;
let selected = -1;

function load() {
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = `${base}assets/search-index.js`;
    script.onload = () => resolve(prepare(globalThis.searchIndex));
    script.onerror = reject;
    document.head.append(script);
  });
  return loading;
}

function prepare({ pages, entries }) {
  return entries.map(([kind, title, number, anchor, context]) => {
    const page = pages[number];
    const [, method = '', path = '', summary = context] = kind === 'operation' ? (/^(\S+) (\S+)(?: · (.*))?$/.exec(context) ?? []) : [];
    return {
      kind,
      title,
      context,
      method: method.toLowerCase(),
      path: path.toLowerCase(),
      lower: title.toLowerCase(),
      // Beginnings of words, camel case included: `bank` finds `getMultipleBanks`.
      starts: title.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase(),
      beside: `${summary ?? ''} ${kind === 'page' ? '' : page.title}`.toLowerCase(),
      place: [['page', 'type', 'operation'].includes(kind) ? '' : page.title, page.api].filter(Boolean).join(' · '),
      url: `${base}${page.path}${anchor === '' ? '' : `#${anchor}`}`,
    };
  });
}

/** How well an entry answers one word; 0 for not at all. */
function score(entry, word) {
  if (entry.lower === word) return 100;
  if (entry.path !== '') {
    if (entry.path === word) return 95;
    if (word.startsWith('/') && entry.path.startsWith(word)) return 70 - Math.min(20, entry.path.length - word.length) / 2;
    if (word.includes('/') && entry.path.includes(word)) return 45;
    if (methods.has(word) && entry.method === word) return 40;
  }
  const longer = Math.min(20, entry.lower.length - word.length) / 2;
  if (entry.lower.startsWith(word)) return 75 - longer;
  if (` ${entry.starts}`.includes(` ${word}`)) return 60 - longer;
  if (entry.lower.includes(word)) return 40 - longer;
  if (` ${entry.beside}`.includes(` ${word}`)) return 20;
  return entry.beside.includes(word) ? 8 : 0;
}

/** The best entries for a text, all of whose words must be found. */
function search(entries, text) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [];
  const hits = [];
  for (const [order, entry] of entries.entries()) {
    let total = weights[entry.kind];
    for (const word of words) {
      const points = score(entry, word);
      total = points === 0 ? Number.NaN : total + points;
    }
    if (!Number.isNaN(total)) hits.push({ entry, total, order });
  }
  return hits.sort((a, b) => b.total - a.total || a.order - b.order).slice(0, limit);
}

const part = (name, text) => {
  const span = document.createElement('span');
  span.className = name;
  span.textContent = text;
  return span;
};

function show(hits) {
  results.replaceChildren(
    ...hits.map(({ entry }, index) => {
      const link = document.createElement('a');
      link.href = entry.url;
      link.tabIndex = -1;
      link.append(part('kind', kinds[entry.kind]), part('title', entry.title));
      const context = [entry.place === entry.context ? '' : entry.place, entry.context].filter(Boolean).join(' · ');
      if (context !== '') link.append(part('context', context));
      const item = document.createElement('li');
      item.id = `result-${index}`;
      item.role = 'option';
      item.append(link);
      return item;
    }),
  );
  if (hits.length === 0) results.append(Object.assign(document.createElement('li'), { className: 'none', textContent: 'Nothing found' }));
  found.textContent = hits.length === 0 ? 'Nothing found' : `${hits.length === limit ? `First ${limit}` : hits.length} results`;
  open(true);
  select(hits.length === 0 ? -1 : 0);
}

function open(on) {
  results.hidden = !on;
  query.setAttribute('aria-expanded', String(on));
  if (!on) select(-1);
}

function select(index) {
  const items = results.querySelectorAll('[role=option]');
  items[selected]?.removeAttribute('aria-selected');
  selected = index;
  const item = items[index];
  item?.setAttribute('aria-selected', 'true');
  item?.scrollIntoView({ block: 'nearest' });
  if (item === undefined) query.removeAttribute('aria-activedescendant');
  else query.setAttribute('aria-activedescendant', item.id);
}

async function update() {
  const text = query.value;
  if (text.trim() === '') {
    found.textContent = '';
    return open(false);
  }
  try {
    const entries = await load();
    if (text === query.value) show(search(entries, text));
  } catch {
    loading = undefined;
    found.textContent = 'The search index could not be loaded';
  }
}

function follow() {
  const link = results.querySelectorAll('[role=option] a')[selected];
  if (link === undefined) return;
  open(false);
  link.click();
}

query.addEventListener('focus', () => void load().catch(() => undefined));
query.addEventListener('input', update);
query.addEventListener('keydown', (event) => {
  const count = results.hidden ? 0 : results.querySelectorAll('[role=option]').length;
  if (event.key === 'ArrowDown' && results.hidden) update();
  else if (event.key === 'ArrowDown' && count > 0) select((selected + 1) % count);
  else if (event.key === 'ArrowUp' && count > 0) select((selected + count - 1) % count);
  else if (event.key === 'Escape' && !results.hidden) open(false);
  else return;
  event.preventDefault();
});
document.getElementById('search').addEventListener('submit', (event) => {
  event.preventDefault();
  // Enter may come before the index has.
  if (results.hidden) update().then(follow);
  else follow();
});
results.addEventListener('click', () => open(false));
document.addEventListener('click', ({ target }) => {
  if (!document.getElementById('search').contains(target)) open(false);
});
query.addEventListener('blur', ({ relatedTarget }) => {
  if (relatedTarget !== null && !results.contains(relatedTarget)) open(false);
});
document.addEventListener('keydown', (event) => {
  const typing = /^(?:INPUT|TEXTAREA|SELECT)$/.test(document.activeElement?.tagName ?? '');
  if (event.key !== '/' || typing || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  query.focus();
});

/* The menu of a phone. */

const menu = document.getElementById('menu');
const sidebar = document.getElementById('sidebar');

function toggle(on) {
  root.classList.toggle('menu', on);
  menu.setAttribute('aria-expanded', String(on));
  sidebar.style.top = on ? `${document.querySelector('header').offsetHeight}px` : '';
  if (on) reveal();
}

/** Brings the current page into view, within the sidebar alone. */
function reveal() {
  const current = sidebar.querySelector('[aria-current]');
  if (current === null) return;
  const { top, bottom } = current.getBoundingClientRect();
  const box = sidebar.getBoundingClientRect();
  if (top < box.top || bottom > Math.min(box.bottom, innerHeight)) sidebar.scrollTop += top - box.top - box.height / 3;
}

menu.addEventListener('click', () => toggle(menu.getAttribute('aria-expanded') !== 'true'));
sidebar.addEventListener('click', ({ target }) => {
  if (target.closest('a') !== null) toggle(false);
});
document.addEventListener('keydown', ({ key }) => {
  if (key !== 'Escape' || menu.getAttribute('aria-expanded') !== 'true') return;
  toggle(false);
  menu.focus();
});
reveal();

/* Boxes that are wider than the page can be scrolled by keyboard. */

const boxes = document.querySelectorAll('.table, pre');
function reach() {
  for (const box of boxes) {
    const wide = box.scrollWidth > box.clientWidth;
    if (wide) box.tabIndex = 0;
    else box.removeAttribute('tabindex');
  }
}
addEventListener('resize', reach);
reach();

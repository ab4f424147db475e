'use strict';
(() => {
  const root = document.documentElement;
  // The state of the page, in the fragment of its address: `#at=latency&theme=dark&sort.table=2.descending&filter.table=text`.
  const state = new URLSearchParams(location.hash.includes('=') ? location.hash.slice(1) : '');
  if (location.hash && !location.hash.includes('=')) state.set('at', location.hash.slice(1));
  const remember = (key, value) => {
    if (value) state.set(key, value); else state.delete(key);
    history.replaceState(null, '', '#' + state.toString());
  };

  const dark = () => root.dataset.theme
    ? root.dataset.theme === 'dark'
    : matchMedia('(prefers-color-scheme: dark)').matches;
  const toggle = document.getElementById('theme');
  const show = () => {
    toggle.textContent = dark() ? 'Light' : 'Dark';
    toggle.setAttribute('aria-pressed', String(dark()));
  };
  if (['light', 'dark'].includes(state.get('theme'))) root.dataset.theme = state.get('theme');
  toggle.hidden = false;
  show();
  toggle.addEventListener('click', () => {
    root.dataset.theme = dark() ? 'light' : 'dark';
    remember('theme', root.dataset.theme);
    show();
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', show);

  document.addEventListener('click', (event) => {
    const link = event.target.closest('a[href^="#"]');
    if (!link) return;
    const target = document.getElementById(link.getAttribute('href').slice(1));
    if (!target) return;
    event.preventDefault();
    remember('at', target.id);
    target.scrollIntoView();
    target.setAttribute('tabindex', '-1');
    target.focus({ preventScroll: true });
  });

  const sort = (table, column, direction) => {
    const body = table.tBodies[0];
    const heads = [...table.tHead.rows[0].cells];
    const sign = direction === 'descending' ? -1 : 1;
    const rows = [...body.rows].map((row, place) => ({ row, place: Number(row.dataset.place ?? place) }));
    rows.forEach(({ row, place }) => { row.dataset.place = place; });
    const value = ({ row }) => row.cells[column].dataset.v ?? row.cells[column].textContent.trim();
    const numeric = heads[column].classList.contains('n');
    rows.sort((a, b) => {
      const [x, y] = [value(a), value(b)];
      // What is not known stands last, whichever way.
      if (x === '' || y === '') return (x === '') - (y === '') || a.place - b.place;
      const order = numeric ? Number(x) - Number(y) : x.localeCompare(y, 'en', { numeric: true });
      return sign * order || a.place - b.place;
    });
    body.append(...rows.map(({ row }) => row));
    heads.forEach((head, index) => {
      if (index === column) head.setAttribute('aria-sort', direction);
      else head.removeAttribute('aria-sort');
    });
  };

  const filter = (table, text, status) => {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of table.tBodies[0].rows) {
      const content = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => content.includes(word));
      shown += !row.hidden;
    }
    status.textContent = words.length ? `${shown} of ${table.tBodies[0].rows.length} lines` : '';
  };

  for (const table of document.querySelectorAll('table.sortable')) {
    if (table.tBodies[0].rows.length < 2) continue;
    [...table.tHead.rows[0].cells].forEach((head, column) => {
      const button = document.createElement('button');
      button.type = 'button';
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener('click', () => {
        const direction = head.getAttribute('aria-sort') === 'ascending' ? 'descending' : 'ascending';
        sort(table, column, direction);
        remember('sort.' + table.id, column + '.' + direction);
      });
    });
    const [column, direction] = (state.get('sort.' + table.id) ?? '').split('.');
    if (['ascending', 'descending'].includes(direction) && table.tHead.rows[0].cells[Number(column)]) {
      sort(table, Number(column), direction);
    }
    if (!table.classList.contains('filterable')) continue;
    const tools = document.createElement('p');
    tools.className = 'tools';
    const label = document.createElement('label');
    const input = document.createElement('input');
    const status = document.createElement('span');
    input.type = 'search';
    label.append('Show lines with ', input);
    status.setAttribute('role', 'status');
    tools.append(label, ' ', status);
    table.closest('.scroll').before(tools);
    input.addEventListener('input', () => {
      filter(table, input.value, status);
      remember('filter.' + table.id, input.value);
    });
    input.value = state.get('filter.' + table.id) ?? '';
    if (input.value) filter(table, input.value, status);
  }

  if (state.get('at')) document.getElementById(state.get('at'))?.scrollIntoView();
})();

// What a reader does, done by a script within the page; it writes what came of it into the document.
(async () => {
  const failed = [];
  const holds = (what, yes) => { if (!yes) failed.push(what); };
  const root = document.documentElement;
  try {
    holds(`nothing is wider than ${innerWidth} pixels: ${root.scrollWidth}`, root.scrollWidth <= innerWidth);
    holds('nothing is fetched', performance.getEntriesByType('resource').length === 0);

    const button = document.getElementById('theme');
    const paper = () => getComputedStyle(document.body).backgroundColor;
    const before = paper();
    button.click();
    holds('the toggle changes the colours', paper() !== before);
    holds('the toggle is in the address', location.hash.includes('theme='));
    button.click();
    holds('the toggle changes them back', paper() === before);

    const table = document.getElementById('trials-table');
    const rows = () => [...table.tBodies[0].rows];
    const first = table.tHead.rows[0].cells[0];
    const numbers = () => rows().map((row) => Number(row.cells[0].dataset.v));
    first.querySelector('button').click();
    holds('sorts up', numbers().every((n, i, all) => i === 0 || all[i - 1] <= n));
    holds('says so', first.getAttribute('aria-sort') === 'ascending');
    first.querySelector('button').click();
    holds('sorts down', numbers().every((n, i, all) => i === 0 || all[i - 1] >= n));
    holds('says that too', first.getAttribute('aria-sort') === 'descending');
    holds('the order is in the address', location.hash.includes('sort.trials-table=0.descending'));
    holds('buttons can be reached by keyboard', first.querySelector('button').tabIndex === 0);

    const input = table.closest('section').querySelector('input');
    const shown = () => rows().filter((row) => !row.hidden).length;
    const all = shown();
    input.value = 'capacity';
    input.dispatchEvent(new Event('input'));
    holds('filters', shown() > 0 && shown() < all);
    input.value = 'no such text';
    input.dispatchEvent(new Event('input'));
    holds('filters all', shown() === 0);
    holds('the filter is in the address', location.hash.includes('filter.trials-table='));
    input.value = '';
    input.dispatchEvent(new Event('input'));
    holds('shows all again', shown() === all);

    for (const link of document.querySelectorAll('a[download]')) {
      holds(`${link.download} is data`, link.href.startsWith('data:'));
    }
    const packed = document.querySelector('a[download="run.json.gz"]');
    const bytes = Uint8Array.from(atob(packed.href.split(',')[1]), (c) => c.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
    const run = JSON.parse(await new Response(stream).text());
    holds('the result is on the page', run.trials.length === all);

    if (globalThis.axe) {
      for (const theme of ['light', 'dark']) {
        root.dataset.theme = theme;
        const found = await axe.run(document, { resultTypes: ['violations'] });
        for (const violation of found.violations) {
          if (!['serious', 'critical'].includes(violation.impact)) continue;
          const where = violation.nodes.slice(0, 3).map((node) => node.target.join(' ') + ' ' + (node.failureSummary ?? ''));
          failed.push(`axe (${theme}): ${violation.id}: ${where.join(' | ')}`);
        }
      }
    }
  } catch (error) {
    failed.push(String(error && error.stack || error));
  }
  const out = document.createElement('pre');
  out.id = 'outcome';
  out.textContent = failed.length ? failed.join('\n') : `all holds${globalThis.axe ? ', axe too' : ''}`;
  document.body.append(out);
})();

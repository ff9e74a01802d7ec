// The accountant: next morning's flows and journal, and the plan over the chapters.
import assert from 'node:assert/strict';
import { logInAs, visitor } from '../world.mjs';

/** Opens the provisional entries one after another until one's plan names the chapter; answers what its page says. */
async function opensAnEntryOf(page, chapter) {
  const entries = await page.locator('main a[href*="provvisori/"]').evaluateAll((found) => [...new Set(found.map((a) => a.href))]);
  for (const entry of entries) {
    await page.goto(entry);
    const text = await page.locator('main').innerText();
    if (chapter.test(text)) return text;
  }
  throw new Error(`no plan of ${entries.length} names ${chapter}`);
}

export async function reconciles({ world, browser, width }) {
  const { page, picture, problems, close } = await visitor(browser, 'ragioniere', width);
  await fetch(world.summary.clock_url, { method: 'POST' });
  await page.goto(world.summary.guide_url);
  await picture('guida');
  const links = await page.locator('a[href^="/giornale/"]').evaluateAll((found) => found.map((a) => a.href));
  const journals = await Promise.all(links.map(async (link) => Buffer.from(await (await fetch(link)).arrayBuffer())));
  await page.goto(`${world.base}/contabilita/`);
  await logInAs(page, world, 'Paolo Conti');
  await picture('lavoro-prima');
  await page.goto(`${world.base}/contabilita/importa`);
  const files = journals.map((buffer, i) => ({ name: `giornale-${i}.xml`, mimeType: 'application/xml', buffer }));
  await page.locator('input[type="file"]').first().setInputFiles(files);
  await page.locator('main form', { has: page.locator('input[type="file"]') }).first().locator('button').click();
  await picture('importato');
  await page.goto(`${world.base}/contabilita/`);
  await picture('lavoro');
  const text = await opensAnEntryOf(page, /6010/);
  assert.match(text, /3120/, 'an identity card is split over its chapters');
  await picture('piano');
  await page.locator('main details summary').first().click();
  await picture('piano-pagamenti');
  const [plan] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Scarica il piano (CSV)' }).click()]);
  assert.match(plan.suggestedFilename(), /\.csv$/);
  for (const [section, what] of [['Flussi pagoPA', 'flussi'], ['Ricevute', 'ricevute'], ['Conti', 'conti']]) {
    await page.getByRole('link', { name: section, exact: true }).first().click();
    await picture(what);
  }
  assert.deepEqual(problems, []);
  await close();
}

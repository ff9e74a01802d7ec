// The administrator: every section of the console, a service set up from nothing, the connections tried.
import assert from 'node:assert/strict';
import { logInAs, visitor } from '../world.mjs';

async function opensTheConsole(page, world) {
  await page.goto(`${world.base}/amministrazione/`);
  await logInAs(page, world, 'Francesca Ricci');
}

/** Opens a page of the console, writes in its form and sends it; what is written is `name: value`. */
async function fills(page, world, path, fields, picture) {
  if (path) await page.goto(`${world.base}/amministrazione/${path}`);
  const form = page.locator('main form[method="post"]').filter({ has: page.locator(`[name="${Object.keys(fields)[0]}"]`) }).first();
  for (const [name, value] of Object.entries(fields)) {
    const control = form.locator(`[name="${name}"]`);
    const kind = await control.first().evaluate((element) => element.type);
    if (kind === 'checkbox' || kind === 'radio') {
      for (const label of [value].flat()) await form.locator('label', { hasText: label }).first().click();
    } else if (kind === 'select-one') await control.selectOption({ label: value });
    else await control.fill(value);
  }
  await picture?.();
  await form.locator('button[type="submit"]').last().click();
  assert.doesNotMatch(await page.title(), /^Errore/, await page.locator('main').innerText());
}

export async function setsUp({ world, browser, width }) {
  const { page, picture, problems, close } = await visitor(browser, 'nuovo-servizio', width);
  await opensTheConsole(page, world);
  await fills(page, world, 'sedi/nuova', { name: 'Biblioteca comunale', slug: 'biblioteca', address: 'Largo dei Libri, 3', time_zone: 'Europe/Rome' }, () => picture('sede'));
  await fills(page, world, 'calendari/nuovo', { name: 'Biblioteca' }, () => picture('calendario'));
  await page.locator('main form[method="post"]').filter({ has: page.locator('[name="weekdays"]') }).locator('button[type="submit"]').last().click();
  assert.match(await page.title(), /^Errore/, 'hours need days and times');
  await picture('orari-errore');
  await fills(page, world, '', { weekdays: ['martedì', 'giovedì'], opens: '09:00', closes: '12:00', valid_from: '2026-01-01' }, () => picture('orari'));
  await fills(page, world, 'sportelli/nuovo', { name: 'Banco prestiti', site: 'Biblioteca comunale', calendar: 'Biblioteca' });
  await fills(page, world, 'chiusure', { from: '2027-02-02', reason: 'Inventario' });
  await picture('chiusure');
  await fills(page, world, 'servizi/nuovo', {
    'name.it': 'Tessera della biblioteca', slug: 'tessera-biblioteca', category: 'Biblioteca', 'summary.it': 'Rilascio della tessera per il prestito.',
    duration_minutes: '15', counters: 'Banco prestiti',
  }, () => picture('servizio'));
  await picture('servizio-fatto');
  const service = page.url().split('?')[0].replace(/\/$/, '');

  await page.goto(`${service}/modulo/domande`);
  await picture('domanda');
  const form = page.locator('main form[method="post"]').last();
  await form.locator('[name="label.it"]').fill('Hai già avuto una tessera?');
  const kind = form.locator('[name="kind"]');
  if ((await kind.first().evaluate((element) => element.type)) === 'select-one') await kind.selectOption({ label: 'Casella da spuntare' });
  await form.locator('button[type="submit"]').last().click();
  await picture('modulo');
  await page.getByRole('button', { name: 'Pubblica la bozza' }).click();
  await page.goto(`${service}/tariffa/nuova`);
  const items = page.locator('fieldset.sp-tariff-item');
  if (!(await items.count())) await page.getByRole('button', { name: 'Aggiungi una voce' }).click();
  await page.fill('[name="items.0.description"]', 'Tessera della biblioteca');
  await page.locator('[name="items.0.taxonomy"]').selectOption({ index: 1 });
  await page.locator('[name="items.0.shares.0.chapter_code"]').selectOption({ index: 1 });
  await page.fill('[name="items.0.shares.0.amount"]', '5,00');
  await picture('tariffa');
  await page.getByRole('button', { name: 'Salva la nuova versione' }).click();
  assert.match(await page.locator('main').innerText(), /5,00/);

  // What the administrator made, the citizen finds.
  await page.goto(`${world.base}/`);
  await page.getByRole('link', { name: 'Tessera della biblioteca' }).first().click();
  const sheet = await page.locator('main').innerText();
  for (const words of [/5,00/, /Biblioteca comunale/]) assert.match(sheet, words);
  await picture('pubblicato');
  await page.locator('[data-element="appointment-booking"]').first().click();
  await page.locator('label', { hasText: 'Biblioteca comunale' }).first().click();
  await page.getByRole('button', { name: 'Avanti' }).click();
  assert.ok(await page.locator('input[name="quando"]').count() > 3, 'there are times to choose from');
  await picture('prenotabile');
  assert.deepEqual(problems, []);
  await close();
}

export async function testsConnections({ world, browser, width }) {
  const { page, picture, problems, close } = await visitor(browser, 'amministratrice', width);
  await opensTheConsole(page, world);
  await picture('inizio');
  const paths = await page.locator('a[href*="/amministrazione/"]').evaluateAll((links) => [...new Set(links.map((a) => a.getAttribute('href')))]);
  for (const path of paths.filter((path) => !path.includes('lingua='))) {
    const answer = await page.goto(new URL(path, world.base).href);
    assert.equal(answer.status(), 200, path);
    await picture(path.split('/amministrazione/')[1].replaceAll(/\W+/g, '-') || 'inizio');
  }
  for (const kind of ['citizen_login', 'staff_login', 'pagopa', 'app_io', 'mail']) {
    await page.goto(`${world.base}/amministrazione/integrazioni/${kind}`);
    await page.getByRole('button', { name: 'Prova la connessione' }).first().click();
    const text = await page.locator('main').innerText();
    assert.match(text, /OK/);
    assert.doesNotMatch(text, /\bErrore\b/, kind);
    await picture(`prova-${kind}`);
  }
  // A wrong address: the test says what is wrong.
  await page.goto(`${world.base}/amministrazione/integrazioni/mail`);
  const port = page.locator('[name="port"]');
  await port.fill('1');
  await page.locator('main form[method="post"]').filter({ has: port }).locator('button[type="submit"]').last().click();
  await page.getByRole('button', { name: 'Prova la connessione' }).first().click();
  assert.match(await page.locator('main').innerText(), /\bErrore\b/);
  await picture('prova-non-riuscita');
  assert.deepEqual(problems, []);
  await close();
}

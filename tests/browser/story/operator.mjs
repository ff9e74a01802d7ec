// The operator: the day of a site, one citizen after another, and what has to change.
import assert from 'node:assert/strict';
import { lastMail, logInAs, next, says, visitor } from '../world.mjs';

/** Logs in and opens the day of the main site; answers its address. */
async function opensTheDay(page, world, picture) {
  await page.goto(`${world.base}/sportello/`);
  await logInAs(page, world, 'Marco Bianchi');
  await picture?.('sedi');
  await page.locator('main a', { hasText: 'Palazzo comunale' }).first().click();
  return page.url();
}

/** Opens the last appointment of the day that is still expected. */
async function opensOne(page, day) {
  await page.goto(day);
  await page.locator('main tr', { has: page.getByRole('button', { name: 'Arrivato' }) }).last().locator('a[href*="appuntament"]').first().click();
}

/** Chooses the nth of the times on the page; the label, for an input one cannot see. */
async function chooses(page, nth) {
  const times = page.locator('label.sp-time');
  assert.ok(await times.count() > nth, 'there are times to choose from');
  await times.nth(nth).click();
}

export async function receives({ world, browser, width }) {
  const { page, picture, problems, close } = await visitor(browser, 'operatore', width);
  const day = await opensTheDay(page, world, picture);
  await picture('giornata');
  await page.getByRole('button', { name: 'Arrivato' }).first().click();
  await page.getByRole('button', { name: /^Chiama/ }).first().click();
  await picture('chiamato');
  await page.getByRole('button', { name: 'Servito' }).first().click();
  await says(page, /1\s+servit/);
  await picture('servito');

  await opensOne(page, day);
  await picture('appuntamento');
  await page.getByRole('link', { name: 'Sposta' }).click();
  await chooses(page, 3);
  await picture('sposta');
  await page.getByRole('button', { name: "Sposta l'appuntamento" }).click();
  await says(page, /Spostato/);
  await picture('spostato');

  await page.goto(day);
  await page.getByRole('link', { name: 'Nuovo appuntamento' }).click();
  await picture('nuovo-servizio');
  await page.locator('main a', { hasText: 'Informazioni e segnalazioni' }).click();
  await chooses(page, 0);
  await picture('nuovo-orario');
  await next(page);
  await next(page);
  assert.match(await page.title(), /^Errore/, 'what is missing is named');
  await picture('nuovo-dati-errore');
  await page.fill('[name="given_name"]', 'Assunta');
  await page.fill('[name="family_name"]', 'Degli Esposti Bentivoglio');
  await page.fill('[name="phone"]', '0742 998877');
  const reason = page.locator('#reason');
  if (await reason.count()) await reason.selectOption({ index: 1 });
  await next(page);
  await picture('nuovo-riepilogo');
  await page.locator('main form[action$="/conferma"] button').click();
  await says(page, /Degli Esposti Bentivoglio/);
  await picture('inserito');

  await page.goto(day);
  await page.getByRole('link', { name: 'Chiudi uno sportello' }).click();
  await page.locator('#sportello').selectOption({ index: 1 });
  await page.locator('main form button[type="submit"]').last().click();
  await picture('chiudi-anteprima');
  await page.goto(day);
  await page.getByRole('link', { name: 'Da sistemare' }).click();
  await picture('da-sistemare');
  assert.deepEqual(problems, []);
  await close();
}

export async function proposes({ world, browser, width }) {
  const { page, picture, problems, close } = await visitor(browser, 'proposta', width);
  const day = await opensTheDay(page, world);
  await opensOne(page, day);
  const name = await page.locator('h1').innerText();
  const appointment = page.url().split('?')[0];
  await page.getByRole('link', { name: 'Proponi un altro orario' }).click();
  await chooses(page, 1);
  await chooses(page, 4);
  await page.fill('[name="messaggio"]', 'Il responsabile è assente: va bene uno di questi orari?');
  await picture('orari');
  await page.getByRole('button', { name: 'Invia la proposta' }).click();
  await picture('inviata');

  // The citizen, on another device, from the message.
  const theirs = await visitor(browser, 'proposta-cittadino', width);
  const letter = await lastMail(theirs.page, world, /altro orario|altri orari|propo/i);
  const link = letter.match(/https?:\S+\/proposte?\/\S+|https?:\S+propost\S+/)?.[0] ?? letter.match(/https?:\/\/\S+/)[0];
  await theirs.page.goto(link);
  await theirs.picture('link');
  await theirs.page.locator('main form[method="post"] button[type="submit"]').last().click();
  assert.match(await theirs.page.title(), /^Errore/, 'a choice is asked for');
  await theirs.page.locator('label').filter({ has: theirs.page.locator('input[name="scelta"]') }).first().click();
  await theirs.picture('scelta');
  await theirs.page.locator('main form[method="post"] button[type="submit"]').last().click();
  await theirs.picture('accettata');
  await theirs.page.goto(link);
  await theirs.picture('gia-risposto');
  assert.deepEqual(theirs.problems, []);
  await theirs.close();

  await page.goto(appointment);
  assert.equal(await page.locator('h1').innerText(), name);
  await says(page, /Spostato/);
  await picture('accettata');
  assert.deepEqual(problems, []);
  await close();
}
